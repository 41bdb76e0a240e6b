import type { PlayNews, PlaySettings, PlayThread, startPlayThread } from "../plays/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import type { Platform } from "../services/service.ts";
import { ManualClock } from "../time/clock.ts";
import type { Caller, Credential, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";
import type { CallOperation } from "./api.ts";
import { catchUp, clockMode } from "./clock.ts";
import { putBack } from "./past.ts";

export interface SimulationOptions {
  readonly platform: () => Platform;
  findCredential(accessKeyId: string): Credential | undefined | Promise<Credential | undefined>;
  readonly callOperation: CallOperation;
  readonly startPlayThread: typeof startPlayThread;
}

/** Plays that the server runs by itself: the simulator, and the demo centre that it plays in. One at a time for an account. */
export interface Simulations {
  /** `GET /_trunkline/simulator` */
  readSimulator(caller: Caller): PlainResponse;
  /** `POST /_trunkline/simulator` */
  steerSimulator(caller: Caller, request: PlainRequest): Promise<PlainResponse>;
  /** `GET /_trunkline/demo` */
  readDemo(caller: Caller): Promise<PlainResponse>;
  /** `POST /_trunkline/demo` */
  buildDemo(caller: Caller, request: PlainRequest): Promise<PlainResponse>;
  /** Ends all plays at once, and forgets them. */
  close(): Promise<void>;
}

/** A play, as `GET /_trunkline/simulator` answers it. */
interface Simulation {
  state: "building" | "playing" | "stopping" | "ended" | "failed";
  readonly begun: string;
  readonly region: string;
  settings: PlaySettings;
  readonly demo?: { readonly name: string; step: string; taken: number; of: number; isBuilt: boolean };
  instanceId?: string;
  /** What time it is in the play, and was when it began. */
  now?: string;
  from?: string;
  figures?: Extract<PlayNews, { kind: "progress" }>["figures"];
  error?: string;
}

interface Running {
  readonly told: Simulation;
  readonly thread: PlayThread;
  readonly over: Promise<void>;
}

const DEFAULTS: PlaySettings = {
  seed: "trunkline",
  agents: 26,
  callsPerHour: 70,
  alias: "simulated",
  begin: 9.5,
  speed: 60,
};
const DEMO_NAME = "northwind";
/** Of the past that a demo centre has when it is first looked at. */
const HISTORY_HOURS = 2;
/** A manual clock's centre plays so long, where nobody says how long. */
const MANUAL_HOURS = 8;
/** A play that is told to stop says goodbye to everybody first; not for longer than this, in milliseconds. */
const STOP_MS = 10_000;
const NO_KEY = "The simulator signs with the key of whoever starts it, and this one is gone";
const MEMBERS = ["action", "seed", "agents", "callsPerHour", "instance", "alias", "begin", "hours", "speed"];

export function createSimulations(options: SimulationOptions): Simulations {
  const { platform, findCredential, callOperation } = options;
  const running = new Map<string, Running>();
  /** The last of each account, also when it is over. */
  const last = new Map<string, Simulation>();
  /** Demos that are being asked for: a second click waits for the first. */
  const asked = new Map<string, Promise<void>>();

  const isMovable = (): boolean => platform().clock instanceof ManualClock;

  const start = async (
    caller: Caller,
    settings: PlaySettings,
    demo?: { readonly name: string },
  ): Promise<Simulation | undefined> => {
    const { account, region } = caller;
    const found = await findCredential(caller.accessKeyId);
    if (found === undefined || running.has(account)) return undefined;
    const { accessKeyId, secretAccessKey, sessionToken } = found;
    const told: Simulation = {
      state: demo ? "building" : "playing",
      begun: new Date(platform().wall.now()).toISOString(),
      region,
      settings,
      ...(demo && { demo: { ...demo, step: "", taken: 0, of: 0, isBuilt: false } }),
    };
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const here = platform();
    const thread = options.startPlayThread(
      {
        url: here.ownUrl,
        account,
        region,
        keys: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
        ...(demo && { demo }),
        settings,
      },
      (news) => {
        hear(told, news);
        if (news.kind !== "ended" && news.kind !== "failed") return;
        if (news.kind === "failed") here.log.warn({ error: news.error }, "The simulator has failed");
        running.delete(account);
        // Whoever was to play the past is gone. So may the whole store be, by a reset: then there is nothing to catch up.
        void catchUp(here)
          .catch((error: unknown) => here.log.warn({ err: error }, "The clock has not caught up"))
          .finally(resolve);
      },
    );
    running.set(account, { told, thread, over });
    last.set(account, told);
    return told;
  };

  const stop = async (account: string): Promise<void> => {
    const play = running.get(account);
    if (play === undefined) return;
    play.told.state = "stopping";
    play.thread.tell({ kind: "stop" });
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _timer = platform().wall.after(STOP_MS, resolve);
    await Promise.race([play.over, late]);
    if (running.get(account) !== play) return;
    await end(account, play);
    play.told.state = "ended";
  };

  const end = async (account: string, { thread }: Running): Promise<void> => {
    running.delete(account);
    await thread.terminate();
    await catchUp(platform());
  };

  const steer = async (caller: Caller, body: Readonly<Record<string, unknown>>): Promise<PlainResponse> => {
    const { account } = caller;
    const play = running.get(account);
    const { action, ...changes } = body;
    const before = action === "change" && play ? play.told.settings : defaults();
    const settings = parseSettings(before, changes);
    if (typeof settings === "string") return failure(400, settings);
    if (!isMovable() && "speed" in changes) {
      return failure(
        409,
        "The clock is real: time passes by itself. Change callsPerHour and agents for more to happen",
      );
    }
    switch (action) {
      case "start":
        if (play) return failure(409, "The simulator is running already");
        break;
      case "stop":
        if (!play) return failure(409, "The simulator is not running");
        await stop(account);
        return shown(account);
      case "change":
        if (play?.told.state !== "playing") return failure(409, "The simulator is not running");
        if (Object.keys(changes).every((name) => name === "speed")) {
          play.told.settings = settings;
          play.thread.tell({ kind: "speed", speed: settings.speed });
          return shown(account);
        }
        await stop(account);
        break;
      default:
        return failure(400, "action is start, stop or change");
    }
    const instance = settings.instance ?? (action === "change" ? play?.told.instanceId : undefined);
    const told = await start(caller, { ...settings, ...(instance !== undefined && { instance }) });
    // Somebody else was faster, or the key that it was to sign with is gone.
    return told ? shown(account) : failure(409, running.has(account) ? "The simulator is running already" : NO_KEY);
  };

  const defaults = (): PlaySettings =>
    isMovable() ? { ...DEFAULTS, hours: MANUAL_HOURS } : { ...DEFAULTS, speed: "max" };

  const shown = (account: string): PlainResponse =>
    json({ clock: isMovable() ? "manual" : "real", defaults: defaults(), ...(last.get(account) ?? { state: "off" }) });

  const instancesOf = async (caller: Caller): Promise<readonly { Id: string; InstanceAlias?: string }[]> => {
    const { status, document } = await callOperation(
      { model: "connect", operation: "ListInstances", input: {} },
      caller,
    );
    const { InstanceSummaryList = [] } = document as { InstanceSummaryList?: { Id: string; InstanceAlias?: string }[] };
    return status === 200 ? InstanceSummaryList : [];
  };

  /** That of this region, as long as its instance is there. */
  const demoOf = async (caller: Caller): Promise<Simulation | undefined> => {
    const told = last.get(caller.account);
    if (!told?.demo || told.region !== caller.region || (told.state === "failed" && !told.demo.isBuilt))
      return undefined;
    if (!told.demo.isBuilt) return told;
    const instances = await instancesOf(caller);
    return instances.some(({ Id }) => Id === told.instanceId) ? told : undefined;
  };

  const askForDemo = async (caller: Caller, body: Readonly<Record<string, unknown>>): Promise<PlainResponse> => {
    const { name = DEMO_NAME, anyway = false, ...others } = body;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) return failure(400, `There is no member ${unknown}: there are name and anyway`);
    if (typeof name !== "string" || !/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/.test(name)) {
      return failure(400, "name has 3 to 30 small letters, digits and hyphens, a letter first");
    }
    if (typeof anyway !== "boolean") return failure(400, "anyway is true or false");
    const present = await demoOf(caller);
    if (present && present.demo?.name === name) return json(present);
    if (running.has(caller.account)) return failure(409, "The simulator is running: stop it first");
    const instances = await instancesOf(caller);
    if (instances.length > 0 && !anyway) {
      return failure(
        409,
        `There is a Connect instance already. With {"anyway": true, "name": …} a demo centre of that name is put beside it`,
      );
    }
    if (instances.some(({ InstanceAlias }) => InstanceAlias === name)) {
      return failure(409, `There is an instance ${name} already: choose another name`);
    }
    await putBack(platform(), HISTORY_HOURS * 3_600_000);
    const settings: PlaySettings = {
      ...DEFAULTS,
      alias: name,
      speed: "max",
      ...(isMovable() && { hours: HISTORY_HOURS }),
    };
    const told = await start(caller, settings, { name });
    if (told !== undefined) return json(told, 202);
    await catchUp(platform());
    return failure(409, running.has(caller.account) ? "The simulator is running: stop it first" : NO_KEY);
  };

  return {
    readSimulator: ({ account }) => shown(account),
    async steerSimulator(caller, request) {
      const body = objectOf(await request.body());
      if ("error" in body) return failure(400, body.error);
      return steer(caller, body.value);
    },
    async readDemo(caller) {
      const [told, instances] = [await demoOf(caller), await instancesOf(caller)];
      const isPossible = told === undefined && instances.length === 0 && !running.has(caller.account);
      const failed = last.get(caller.account);
      return json({
        isPossible,
        name: DEMO_NAME,
        clock: clockMode(platform().clock),
        ...(told && { demo: told }),
        ...(failed?.demo && failed.region === caller.region && failed.error !== undefined && { error: failed.error }),
      });
    },
    async buildDemo(caller, request) {
      const body = objectOf(await request.body());
      if ("error" in body) return failure(400, body.error);
      const before = asked.get(caller.account) ?? Promise.resolve();
      const answer = before.then(() => askForDemo(caller, body.value));
      const settled = answer.then(
        () => {},
        () => {},
      );
      asked.set(caller.account, settled);
      return answer;
    },
    async close() {
      last.clear();
      const threads = [...running.values()].map(({ thread }) => thread);
      running.clear();
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function hear(told: Simulation, news: PlayNews): void {
  switch (news.kind) {
    case "step":
      if (told.demo) Object.assign(told.demo, { step: news.step, taken: news.taken, of: news.of });
      return;
    case "built":
      if (told.demo) Object.assign(told.demo, { step: "", taken: told.demo.of, isBuilt: true });
      told.instanceId = news.instanceId;
      if (told.state === "building") told.state = "playing";
      return;
    case "progress":
      told.now = new Date(news.nowMs).toISOString();
      told.from ??= told.now;
      told.figures = news.figures;
      return;
    case "ended":
      told.state = "ended";
      if (news.instanceId !== undefined) told.instanceId = news.instanceId;
      return;
    case "failed":
      told.state = "failed";
      told.error = news.error;
  }
}

function objectOf(body: Buffer): { value: Readonly<Record<string, unknown>> } | { error: string } {
  if (body.length === 0) return { value: {} };
  const parsed = parseBody(body);
  if ("error" in parsed) return parsed;
  return isJsonObject(parsed.value) ? { value: parsed.value } : { error: "The body is not an object" };
}

/** Settings with what a request changes of them, or what is wrong with it. */
function parseSettings(before: PlaySettings, changes: Readonly<Record<string, unknown>>): PlaySettings | string {
  const unknown = Object.keys(changes).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) return `There is no member ${unknown}: there are ${MEMBERS.join(", ")}`;
  const settings = { ...before, ...changes } as PlaySettings;
  const { seed, agents, callsPerHour, instance, alias, begin, hours, speed } = settings as Record<
    keyof PlaySettings,
    unknown
  >;
  const isText = (value: unknown, max: number) => typeof value === "string" && value !== "" && value.length <= max;
  const isWithin = (value: unknown, least: number, most: number) =>
    typeof value === "number" && value >= least && value <= most;
  if (!isText(seed, 100)) return "seed is a text of at most 100 characters";
  if (!isWithin(agents, 1, 500) || !Number.isInteger(agents)) return "agents is a whole number from 1 to 500";
  if (!isWithin(callsPerHour, 1, 5_000)) return "callsPerHour is a number from 1 to 5000";
  if (instance !== undefined && !isText(instance, 250)) return "instance is the id or the alias of an instance";
  if (!isText(alias, 62) || !/^[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(String(alias)))
    return "alias has letters, digits and hyphens";
  if (!isWithin(begin, 0, 23.99)) return "begin is an hour of the day, from 0 to 23.99";
  if (hours !== undefined && !isWithin(hours, 0.01, 1_000)) return "hours is a number up to 1000";
  if (speed !== "max" && !isWithin(speed, 0.1, 100_000)) return 'speed is "max", or simulated seconds a second';
  return settings;
}
