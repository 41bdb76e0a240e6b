/** The thread of a play: builds what is to be built, plays, and tells how far it is. */
import { parentPort, workerData } from "node:worker_threads";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../models/sha256.ts";
import {
  type Api,
  buildDemo,
  DEMO_STEPS,
  type Live,
  type Parameters,
  Statistics,
  simulate,
  total,
  withChanges,
} from "../simulator/index.ts";
import { SystemWallClock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { connectBy } from "./connection.ts";
import type { PlayCommand, PlayFigures, PlayNews, PlayOrder, PlaySettings } from "./play-order.ts";

/** Progress is told so often at most, in milliseconds. */
const TOLD_EVERY_MS = 250;
/** A day of a play that goes on until it is stopped. */
const DAY_HOURS = 8;

const order = workerData as PlayOrder;
const wall = new SystemWallClock();
const ending = new AbortController();
let speed = order.settings.speed;

parentPort?.on("message", (command: PlayCommand) => {
  if (command.kind === "stop") ending.abort();
  else speed = command.speed;
});

function tell(news: PlayNews): void {
  parentPort?.postMessage(news);
}

try {
  const instanceId = await play(connect());
  tell({ kind: "ended", ...(instanceId !== undefined && { instanceId }) });
} catch (error) {
  const { message, code } = error as Error & { code?: unknown };
  tell({ kind: "failed", error: message || `The server does not answer: ${String(code)}` });
}
parentPort?.close();

function connect(): Api {
  const { url, region, keys } = order;
  return connectBy({
    url: new URL(url),
    signerOf: (service) => new SignatureV4({ service, region, credentials: keys, sha256: Sha256 }),
  });
}

async function play(api: Api): Promise<string | undefined> {
  const { demo, account, region, settings } = order;
  const parameters = parametersOf(settings);
  let instanceId = settings.instance;
  if (demo !== undefined) {
    let taken = 0;
    const onStep = (step: string): void => tell({ kind: "step", step, taken: taken++, of: DEMO_STEPS.length });
    const { seed } = settings;
    ({ instanceId } = await buildDemo(api, { ...demo, account, region, seed, parameters, onStep }));
    tell({ kind: "built", instanceId });
  }
  const statistics = new Statistics();
  for (let day = 0; !ending.signal.aborted && (day === 0 || settings.hours === undefined); day++) {
    const outcome = await simulate(api, {
      seed: day === 0 ? settings.seed : `${settings.seed} ${day}`,
      parameters,
      alias: settings.alias,
      instance: instanceId,
      streams: true,
      analysed: true,
      beginHour: settings.begin,
      hours: settings.hours ?? DAY_HOURS,
      get speed() {
        return speed === "max" ? undefined : speed;
      },
      monotonicMs: () => wall.monotonicMs(),
      sleep,
      signal: ending.signal,
      statistics,
      onProgress: progress(statistics),
    });
    ({ instanceId } = outcome);
  }
  return instanceId;
}

/** A demo's agents know what they do, and nobody waits two hours for a task. */
function parametersOf({ agents, callsPerHour }: PlaySettings): Parameters {
  return withChanges({
    agents,
    "peak-calls-per-agent-hour": callsPerHour / agents,
    "task-paused-share": 0.05,
    "spoken-share": 0.8,
  });
}

function progress(statistics: Statistics): (nowMs: number, line: () => string, live: Live) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return (nowMs, _line, live) => {
    if (wall.monotonicMs() - toldMs < TOLD_EVERY_MS) return;
    toldMs = wall.monotonicMs();
    tell({ kind: "progress", nowMs, figures: figuresOf(statistics, live) });
  };
}

function figuresOf(statistics: Statistics, live: Live): PlayFigures {
  const { arrived, queued, answered, abandoned, inTime, waitedMs } = total(statistics.bins().map(([, bin]) => bin));
  return {
    contacts: arrived.VOICE + arrived.CHAT + arrived.TASK + arrived.EMAIL,
    calls: arrived.VOICE,
    chats: arrived.CHAT,
    tasks: arrived.TASK,
    emails: arrived.EMAIL,
    queued,
    answered,
    abandoned,
    inTime,
    waitedSeconds: answered === 0 ? 0 : Math.round(waitedMs / answered / 100) / 10,
    liveContacts: live.contacts,
    liveAgents: live.agents,
  };
}
