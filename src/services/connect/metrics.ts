import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { type Contact, contactKey, contacts, wholeSeconds } from "./contacts.ts";

/**
 * What historical metrics are made of: sums over completed contacts, each added once, with the record's first version and from the
 * same figures. A contact counts where it ended, and where it began as created. The sums of five minutes, and again those of a day,
 * are one document for all contacts that agree in whatever metrics are told apart by, so that a long time is read in days.
 */
export interface MetricSums extends InstanceRef, MetricDimensions {
  readonly key: string;
  readonly span: MetricSpan;
  readonly startMs: number;
  /** By figure. `removed:SECONDS`: how many contacts waited in their queue that long. */
  readonly sums: Readonly<Record<string, number>>;
}

export interface MetricDimensions {
  /** Absent: in none, or in an agent's own, which historical metrics do not cover. */
  readonly QUEUE?: string | undefined;
  readonly CHANNEL: string;
  readonly ROUTING_PROFILE?: string | undefined;
  readonly AGENT?: string | undefined;
  readonly INITIATION_METHOD: string;
  readonly DISCONNECT_REASON: string;
}

export type MetricSpan = "FIVE_MIN" | "DAY";

export const SPANS_MS: Readonly<Record<MetricSpan, number>> = { FIVE_MIN: 5 * 60_000, DAY: 24 * 60 * 60_000 };

const SPANS: readonly MetricSpan[] = ["FIVE_MIN", "DAY"];

/** Dimensions that sums are found by. */
export type PrimaryDimension = "QUEUE" | "ROUTING_PROFILE" | "AGENT";

/** Metrics go back three months; sums are kept a little longer. */
const KEPT_MS = 100 * SPANS_MS.DAY;

export const metricSums: Collection<MetricSums> = collection("connect_metric_sums", {
  queue: { type: "text", value: foundBy("QUEUE") },
  profile: { type: "text", value: foundBy("ROUTING_PROFILE") },
  agent: { type: "text", value: foundBy("AGENT") },
  expires: { type: "integer", value: ({ startMs }) => startMs + KEPT_MS },
});

const INDEXES: Readonly<Record<PrimaryDimension, string>> = {
  QUEUE: "queue",
  ROUTING_PROFILE: "profile",
  AGENT: "agent",
};

/** Sums are read in steps. */
const READ_SIZE = 1_000;

/** Adds a contact that is completed now. Called before each `put` of a contact. */
export async function sumContact(unit: Unit, contact: Contact): Promise<void> {
  if (contact.completedMs === undefined || contact.disconnectMs === undefined) return;
  const before = await unit.get(contacts, contactKey(contact));
  if (before?.completedMs !== undefined) return;

  for (const span of SPANS) {
    await addSums(unit, contact, span, contact.initiationMs, { created: 1 });
    await addSums(unit, contact, span, contact.disconnectMs, sumsOf(contact));
  }
}

/** What lies in a span's documents from a time on and before another, both multiples of it. */
export async function readSums(
  reader: Reader,
  instance: InstanceRef,
  by: { readonly dimension: PrimaryDimension; readonly id: string },
  range: { readonly span: MetricSpan; readonly fromMs: number; readonly beforeMs: number },
): Promise<MetricSums[]> {
  const { span, fromMs, beforeMs } = range;
  const found: MetricSums[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(metricSums, {
      index: INDEXES[by.dimension],
      from: instanceKey(instance, by.id, span, fromMs),
      before: instanceKey(instance, by.id, span, beforeMs),
      limit: READ_SIZE,
      after,
    });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** A contact's figures, as its record has them ("Historical metrics definitions", administrator guide). Pure. */
function sumsOf(contact: Contact): Record<string, number> {
  const { agent, disconnectMs = 0, transferCompletedMs, nextContactId, pauses } = contact;
  const sums: Record<string, number> = {};
  if (transferCompletedMs !== undefined) sums.transferredOut = 1;
  if (contact.queue && contact.initiationMethod !== "OUTBOUND") {
    const seconds = wholeSeconds(contact.queue.enqueueMs, agent?.connectedMs ?? disconnectMs);
    sums.queued = 1;
    sums[`removed:${seconds}`] = 1;
    if (agent) {
      sums.answered = 1;
      sums.answerSeconds = seconds;
    } else if (nextContactId === undefined && transferCompletedMs === undefined) {
      sums.abandoned = 1;
      sums.abandonSeconds = seconds;
    }
  }
  if (agent) {
    const workStartMs = agent.workStartMs ?? disconnectMs;
    const workSeconds = wholeSeconds(workStartMs, agent.workEndMs ?? workStartMs);
    const talkSeconds = wholeSeconds(agent.connectedMs, workStartMs);
    sums.handled = 1;
    sums.workSeconds = workSeconds;
    sums.handleSeconds = talkSeconds + workSeconds;
    sums.interactionSeconds = talkSeconds - agent.holdSeconds - (pauses?.agentSeconds ?? 0);
    sums.held = agent.holdSeconds > 0 ? 1 : 0;
    sums.holdSeconds = agent.holdSeconds;
  }
  return sums;
}

async function addSums(
  unit: Unit,
  contact: Contact,
  span: MetricSpan,
  timeMs: number,
  added: Readonly<Record<string, number>>,
): Promise<void> {
  const startMs = timeMs - (timeMs % SPANS_MS[span]);
  const dimensions: MetricDimensions = {
    QUEUE: contact.queue?.type === "AGENT" ? undefined : contact.queue?.id,
    CHANNEL: contact.channel,
    ROUTING_PROFILE: contact.agent?.routingProfile.id,
    AGENT: contact.agent?.id,
    INITIATION_METHOD: contact.initiationMethod,
    DISCONNECT_REASON: contact.disconnectReason ?? "",
  };
  const { QUEUE = "", CHANNEL, ROUTING_PROFILE = "", AGENT = "", INITIATION_METHOD, DISCONNECT_REASON } = dimensions;
  const columns = [QUEUE, CHANNEL, ROUTING_PROFILE, AGENT, INITIATION_METHOD, DISCONNECT_REASON];
  const key = instanceKey(contact, span, startMs, ...columns);
  const sums = { ...(await unit.get(metricSums, key))?.sums };
  for (const [figure, value] of Object.entries(added)) if (value !== 0) sums[figure] = (sums[figure] ?? 0) + value;
  unit.put(metricSums, key, { ...refOf(contact), ...dimensions, key, span, startMs, sums });
}

function foundBy(dimension: PrimaryDimension): (sums: MetricSums) => string | undefined {
  return (sums) => {
    const id = sums[dimension];
    return id === undefined ? undefined : instanceKey(sums, id, sums.span, sums.startMs, sums.key);
  };
}
