import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { deadLetterQueueArn } from "./dead-letter-queue.ts";
import { type Domain, domainArn, domains, inDomain } from "./domain.ts";
import { eventStreams } from "./event-streams/event-stream.ts";
import { integrations } from "./integrations/integration.ts";
import { eventTriggerArn, eventTriggers } from "./triggers/event-trigger.ts";

/** Domains, what brings them objects, the streams that they tell of changes, and their event triggers. */
export async function* mapOfProfiles(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const domain of documentsOf(reader, domains, { prefix: compositeKey(account, region, "") })) {
    yield* partsOfDomain(reader, domain);
  }
}

async function* partsOfDomain(reader: Reader, domain: Domain): AsyncGenerator<MapPart> {
  const id = domainArn(domain);
  const within = { prefix: inDomain(domain, "") };
  yield { part: "node", id, kind: "profiles domain", name: domain.name };
  const deadLetters = deadLetterQueueArn(domain);
  if (deadLetters) yield { part: "edge", from: id, to: deadLetters, label: "dead letters" };
  for await (const { uri, state } of documentsOf(reader, eventStreams, within)) {
    yield { part: "edge", from: id, to: uri, label: "profile events", isOff: state === "STOPPED" };
  }
  for await (const { name, uri } of documentsOf(reader, eventTriggers, within)) {
    const trigger = eventTriggerArn(domain, name);
    yield { part: "node", id: trigger, kind: "event trigger", name, isOff: uri === undefined, of: domain.name };
    yield { part: "edge", from: id, to: trigger, label: "objects", isOff: uri === undefined };
    if (uri !== undefined) yield* partsOfTrigger(trigger, uri);
  }
  for await (const { uri, eventTrigger } of documentsOf(reader, integrations, within)) {
    // Those of triggers are theirs; others bring objects.
    if (eventTrigger !== undefined || !/^arn:[^:]+:(appflow|s3|app-integrations|connect)/.test(uri)) continue;
    yield { part: "edge", from: uri, to: id, label: "brings objects" };
  }
}

/** What stands behind `#` tells integrations of one destination apart. */
function* partsOfTrigger(from: string, uri: string): Generator<MapPart> {
  const [address = ""] = uri.split("#");
  if (!address.startsWith("arn:")) yield outside(address, address);
  yield { part: "edge", from, to: address, label: "fires" };
}
