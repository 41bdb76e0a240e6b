import type { Channel } from "@aws-sdk/client-connect";
import { findAgent, isFailed } from "../agents.ts";
import { instanceKey } from "../arns.ts";
import { contacts } from "../contacts.ts";
import {
  agentTallies,
  figureOf,
  handleTimes,
  hasKind,
  queueTallies,
  type Tally,
  tallyKey,
} from "../current-metrics.ts";
import { findResource } from "../instance-resources.ts";
import { type Queue, queueArn, queues } from "../queues.ts";
import { routingProfileQueues } from "../routing-profiles.ts";
import { users } from "../users.ts";
import { workingQueueId } from "./checks.ts";
import { type ActionCode, FAILS, NEXT, type Result, type Step, textParameter } from "./step.ts";

/** Routing profiles that serve one queue: more are not read, as in routing. */
const SERVED_MAX = 1_000;

const CHANNELS: readonly Channel[] = ["VOICE", "CHAT", "TASK", "EMAIL"];

/** A number of the queue or agent that is named, else of the working queue, as it is now. */
export const CheckMetricData: ActionCode = {
  begin: async (step): Promise<Result> => {
    const queue = await queueOf(step);
    if (!queue) return FAILS;
    const metric = textParameter(step, "MetricType") ?? "";
    if (metric === "NumberOfContactsInQueue") return { result: String(await queueSize(step, queue, CHANNELS)) };
    if (metric === "OldestContactInQueueAgeSeconds") {
      return { result: String((await oldestAgeSeconds(step, queue, CHANNELS)) ?? 0) };
    }
    const figure = AGENT_FIGURES[metric];
    return figure === undefined ? FAILS : { result: String((await agentCounts(step, queue))(figure)) };
  },
};

/** Fills `$.Metrics` with what is known of a queue and those who serve it now. */
export const GetMetricData: ActionCode = {
  begin: async (step): Promise<Result> => {
    const queue = await queueOf(step);
    if (!queue) return FAILS;
    const named = textParameter(step, "QueueChannel")?.toUpperCase() as Channel | undefined;
    const channels = named === undefined ? CHANNELS : [named];
    const agents = await agentCounts(step, queue);
    const size = await queueSize(step, queue, channels);
    step.changeProgress({
      metrics: {
        Queue: {
          Name: queue.type === "AGENT" ? null : queue.name,
          ARN: queueArn(queue),
          Size: size,
          OldestContactAge: await oldestAgeSeconds(step, queue, channels),
          EstimatedWaitTime: named === undefined ? null : await waitSeconds(step, queue, named, agents("staffed")),
        },
        Agents: {
          Online: { Count: agents("online") },
          Available: { Count: agents("available") },
          Staffed: { Count: agents("staffed") },
          AfterContactWork: { Count: agents("afterContactWork") },
          Busy: { Count: agents("onContact") },
          Missed: { Count: agents("error") },
          NonProductive: { Count: agents("nonProductive") },
        },
      },
    });
    return NEXT;
  },
};

const AGENT_FIGURES: Readonly<Record<string, AgentFigure>> = {
  NumberOfAgentsAvailable: "available",
  NumberOfAgentsStaffed: "staffed",
  NumberOfAgentsOnline: "online",
};

type AgentFigure = "available" | "staffed" | "online" | "afterContactWork" | "onContact" | "error" | "nonProductive";

async function queueOf(step: Step): Promise<Queue | undefined> {
  const { unit, contact, parameters } = step;
  if ("AgentId" in parameters) {
    const agentId = textParameter(step, "AgentId");
    const user = agentId === undefined ? undefined : await findResource(unit, users, "user", contact, agentId);
    return user && unit.get(queues, instanceKey(contact, user.id));
  }
  const named = textParameter(step, "QueueId");
  const queueId = "QueueId" in parameters ? named : workingQueueId(contact);
  return queueId === undefined ? undefined : findResource(unit, queues, "queue", contact, queueId);
}

/** Counts of the agents who serve a queue; of the agent whose own it is. */
async function agentCounts({ unit }: Step, queue: Queue): Promise<(figure: AgentFigure) => number> {
  if (queue.type === "AGENT") {
    const agent = await findAgent(unit, queue, queue.id);
    const { status, contacts: own = [] } = agent?.isSignedIn ? agent.state : { status: undefined };
    const isBusy = own.length > 0;
    const counts: Record<AgentFigure, boolean> = {
      online: status !== undefined && status.type !== "OFFLINE",
      staffed: status?.type === "ROUTABLE",
      available: status?.type === "ROUTABLE" && !isBusy,
      nonProductive: status?.type === "CUSTOM",
      afterContactWork: own.some(({ state }) => state === "ENDED"),
      onContact: own.some(({ state }) => state.startsWith("CONNECTED")),
      error: own.some(({ state }) => isFailed(state)),
    };
    return (figure) => Number(counts[figure]);
  }
  const range = { index: "queue", equals: instanceKey(queue, queue.id), limit: SERVED_MAX };
  const { documents } = await unit.list(routingProfileQueues, range);
  const tallies: Tally[] = [];
  for (const profileId of new Set(documents.map((served) => served.profileId))) {
    tallies.push((await unit.get(agentTallies, tallyKey(queue, profileId)))?.kept ?? {});
  }
  return (figure) => tallies.reduce((sum, tally) => sum + figureOf(tally, figure), 0);
}

async function queueSize({ unit }: Step, queue: Queue, channels: readonly Channel[]): Promise<number> {
  const tally = (await unit.get(queueTallies, tallyKey(queue, queue.id)))?.kept ?? {};
  const kinds = { channels: new Set<string>(channels) };
  return figureOf(tally, "inQueue", (detail) => hasKind(detail, kinds));
}

/** `null`: none waits. */
async function oldestAgeSeconds(
  { unit, nowMs }: Step,
  queue: Queue,
  channels: readonly Channel[],
): Promise<number | null> {
  let oldestMs: number | undefined;
  for (const channel of channels) {
    const range = { index: "waitingSince", prefix: instanceKey(queue, queue.id, channel, ""), limit: 1 };
    const [first] = (await unit.list(contacts, range)).documents;
    if (first?.queue) oldestMs = Math.min(oldestMs ?? first.queue.enqueueMs, first.queue.enqueueMs);
  }
  return oldestMs === undefined ? null : Math.max(Math.floor((nowMs - oldestMs) / 1_000), 0);
}

/** As ESTIMATED_WAIT_TIME is counted; `null` where nothing is known to count with. */
async function waitSeconds(step: Step, queue: Queue, channel: Channel, staffed: number): Promise<number | null> {
  const size = await queueSize(step, queue, [channel]);
  const handleSeconds = (await step.unit.get(handleTimes, tallyKey(queue, queue.id)))?.kept[channel];
  if (size === 0) return 0;
  return handleSeconds === undefined || staffed === 0 ? null : Math.round((size * handleSeconds) / staffed);
}
