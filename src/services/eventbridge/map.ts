import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { API_DESTINATIONS, apiDestinationArn } from "./api-destinations/api-destination.ts";
import { ARCHIVES } from "./archives/archive.ts";
import { BUSES, busArn, DEFAULT_BUS } from "./bus.ts";
import { PARTNER_SOURCES } from "./partner-event-source.ts";
import { type BusRule, RULES, ruleArn } from "./rule.ts";

/** Buses, their rules with targets, schedules, archives, partner sources and API destinations. */
export async function* mapOfEvents(reader: Reader, scope: MapScope): AsyncGenerator<MapPart> {
  const { account, region } = scope;
  const prefix = compositeKey(account, region, "");
  yield { part: "node", id: busArn({ account, region, name: DEFAULT_BUS }), kind: "bus", name: DEFAULT_BUS };
  for await (const bus of documentsOf(reader, BUSES, { prefix })) {
    yield { part: "node", id: busArn(bus), kind: "bus", name: bus.name };
    const deadLetters = bus.deadLetterConfig?.Arn;
    if (deadLetters) yield { part: "edge", from: busArn(bus), to: deadLetters, label: "dead letters" };
  }
  for await (const rule of documentsOf(reader, RULES, { prefix })) yield* partsOfRule(rule);
  for await (const { bus, name } of documentsOf(reader, ARCHIVES, { prefix })) {
    const id = `arn:aws:events:${region}:${account}:archive/${name}`;
    yield { part: "node", id, kind: "archive", name, of: bus.name };
    yield { part: "edge", from: busArn(bus), to: id, label: "archived" };
  }
  for await (const source of documentsOf(reader, PARTNER_SOURCES, { prefix })) {
    const id = `partner ${source.name}`;
    const isOff = source.state !== "ACTIVE";
    yield { part: "node", id, kind: "partner source", name: source.name, isOff };
    if (!isOff) yield { part: "edge", from: id, to: busArn(source), label: "events" };
  }
  for await (const destination of documentsOf(reader, API_DESTINATIONS, { prefix })) {
    const id = apiDestinationArn(destination);
    yield { part: "node", id, kind: "API destination", name: destination.name };
    yield outside(destination.endpoint, destination.endpoint);
    yield { part: "edge", from: id, to: destination.endpoint, label: destination.method, countedTo: "address" };
  }
}

function* partsOfRule(rule: BusRule): Generator<MapPart> {
  // An archive's own rule, whose target has no account: the archive tells of itself.
  if (rule.managedBy !== undefined && rule.targets.every(({ Arn }) => Arn.endsWith(":::"))) return;
  const id = ruleArn(rule);
  const isOff = rule.state === "DISABLED";
  yield { part: "node", id, kind: "rule", name: rule.name, isOff, of: rule.bus.name };
  if (rule.eventPattern !== undefined) {
    yield { part: "edge", from: busArn(rule.bus), to: id, label: "matched", isOff };
  }
  if (rule.scheduleExpression !== undefined) {
    const schedule = `schedule ${id}`;
    yield { part: "node", id: schedule, kind: "schedule", name: rule.scheduleExpression, isOff };
    yield { part: "edge", from: schedule, to: id, label: "fires", isOff };
  }
  for (const { Arn, DeadLetterConfig } of rule.targets) {
    yield { part: "edge", from: id, to: Arn, label: "target", isOff };
    if (DeadLetterConfig?.Arn) {
      yield { part: "edge", from: id, to: DeadLetterConfig.Arn, label: "dead letters", isOff };
    }
  }
}
