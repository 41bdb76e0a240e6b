import { isDeepStrictEqual } from "node:util";
import { compactJson } from "../../eventbridge/index.ts";
import type { Context } from "../../service.ts";
import type { ChangedObject, ProfileChange } from "../profile-change.ts";
import { recordedProfile } from "../profile-fields.ts";
import type { StoredProfile } from "../stored-profile.ts";

/** One record of an event stream, but for whether it is told at once. */
export interface StreamRecord {
  /** JSON of all members before `IsMessageRealTime`, which is the last one. */
  readonly head: string;
  /** What is told of one profile stays in order. */
  readonly partitionKey: string;
}

type Told = Pick<Context, "ids" | "clock">;

/** What a change tells, in the order in which it does. */
export function recordsOf(
  told: Told,
  { domain, cause, before, after, objects }: ProfileChange,
): readonly StreamRecord[] {
  if (!after) return [];
  const profileRecord = (EventType: "CREATED" | "UPDATED"): StreamRecord =>
    record(told, domain.name, after.id, {
      EventType,
      ObjectTypeName: "_profile",
      Object: JSON.stringify(recordedProfile(after.id, after.fields)),
    });
  const isNew = before === undefined;
  const isChanged = !isNew && (cause === "MERGED" || !isDeepStrictEqual(before.fields, after.fields));
  const [first, ...rest] = objects;
  return [
    ...(isNew ? [profileRecord("CREATED")] : []),
    ...(first ? [objectRecord(told, domain.name, first)] : []),
    ...(isChanged ? [profileRecord("UPDATED")] : []),
    ...rest.map((object) => objectRecord(told, domain.name, object)),
  ];
}

/** Asks whether the stream of Kinesis is there. */
export function healthCheckRecord({ ids, clock }: Told, domainName: string): StreamRecord {
  return {
    head: jsonHead([
      ["SchemaVersion", "0"],
      ["EventId", JSON.stringify(ids.uuid())],
      ["EventTimestamp", JSON.stringify(new Date(clock.now()).toISOString())],
      ["EventType", '"HEALTH_CHECK"'],
      ["DomainName", JSON.stringify(domainName)],
    ]),
    partitionKey: ids.uuid(),
  };
}

export function recordText({ head }: StreamRecord, isRealTime: boolean): string {
  return `${head},"IsMessageRealTime":${isRealTime}}`;
}

function objectRecord(told: Told, domainName: string, { before, after }: ChangedObject): StreamRecord {
  return record(told, domainName, after.profileId, {
    EventType: before ? "UPDATED" : "CREATED",
    ObjectTypeName: after.type,
    AssociatedProfileId: after.profileId,
    ProfileObjectUniqueKey: after.id,
    Object: compactJson(after.content),
  });
}

interface Event {
  readonly EventType: "CREATED" | "UPDATED";
  readonly ObjectTypeName: string;
  readonly AssociatedProfileId?: string;
  readonly ProfileObjectUniqueKey?: string;
  /** JSON. */
  readonly Object: string;
}

function record(
  { ids, clock }: Told,
  domainName: string,
  profileId: StoredProfile["id"],
  { Object: object, ...event }: Event,
): StreamRecord {
  return {
    head: jsonHead([
      ["SchemaVersion", "0"],
      ["EventId", JSON.stringify(ids.uuid())],
      ["EventTimestamp", JSON.stringify(new Date(clock.now()).toISOString())],
      ["EventType", JSON.stringify(event.EventType)],
      ["DomainName", JSON.stringify(domainName)],
      ["ObjectTypeName", JSON.stringify(event.ObjectTypeName)],
      ["AssociatedProfileId", event.AssociatedProfileId && JSON.stringify(event.AssociatedProfileId)],
      ["ProfileObjectUniqueKey", event.ProfileObjectUniqueKey && JSON.stringify(event.ProfileObjectUniqueKey)],
      ["Object", object],
    ]),
    partitionKey: profileId,
  };
}

/** An object's JSON without its closing brace: contents go in as they were written, numbers and all. */
function jsonHead(members: readonly (readonly [string, string | undefined])[]): string {
  const texts = members.filter(([, json]) => json !== undefined).map(([name, json]) => `"${name}":${json}`);
  return `{${texts.join(",")}`;
}
