import assert from "node:assert/strict";
import type { Unit } from "../store/store.ts";
import type { Deliveries } from "./delivery.ts";
import type { Message } from "./message.ts";
import type { FindSink, Sink, SinkFailure } from "./sink.ts";

/**
 * Sends messages from inside a unit. What a sink in the store takes is there with the unit, without a delivery or an attempt;
 * a sink outside gets deliveries; what fails becomes a delivery or a dead letter, by what the failure says.
 *
 * Messages to one ARN are appended in their order. Those that did not get through do not hold back the ones that follow:
 * EventBridge's deliveries are independent and may overtake each other.
 */
export async function send(
  unit: Unit,
  messages: readonly Message[],
  deliveries: Deliveries,
  findSink: FindSink,
): Promise<void> {
  for (const [targetArn, group] of groupedByTarget(messages)) {
    const sink = findSink(targetArn);
    if (sink?.append) await appendAll(unit, sink.append.bind(sink), targetArn, group, deliveries);
    else if (sink?.attempt) for (const message of group) deliveries.owe(unit, message);
    else for (const message of group) await deliveries.failed(unit, message, 1, noSink(targetArn));
  }
}

/** What happens to a message whose ARN no sink takes. */
export function noSink(targetArn: string): SinkFailure {
  return { code: "NO_RESOURCE", message: `Nothing here takes events for ${targetArn}.`, retryable: false };
}

/** This is the path of every event that stays inside: one call of the sink for all messages of a batch to one ARN. */
async function appendAll(
  unit: Unit,
  append: NonNullable<Sink["append"]>,
  targetArn: string,
  messages: readonly Message[],
  deliveries: Deliveries,
): Promise<void> {
  const requests = messages.map(({ request }) => request);
  const outcomes = await append(unit, targetArn, requests);
  assert.equal(outcomes.length, messages.length, `The sink of ${targetArn} answers for each request`);

  const takenByRule = new Map<string, { readonly first: Message; count: number }>();
  for (const [position, message] of messages.entries()) {
    const failure = outcomes[position];
    const taken = takenByRule.get(message.ruleArn);
    if (failure) await deliveries.failed(unit, message, 1, failure);
    else if (taken) taken.count += 1;
    else takenByRule.set(message.ruleArn, { first: message, count: 1 });
  }
  for (const { first, count } of takenByRule.values()) deliveries.taken(unit, first, count);
}

function groupedByTarget(messages: readonly Message[]): Map<string, Message[]> {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    const group = groups.get(message.targetArn);
    if (group) group.push(message);
    else groups.set(message.targetArn, [message]);
  }
  return groups;
}
