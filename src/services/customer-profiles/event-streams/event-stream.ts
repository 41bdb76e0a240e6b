import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import { type Domain, domainArn, inDomain, type Owner } from "../domain.ts";

/** Tells the changes of a domain's profiles to a stream of Kinesis. */
export interface EventStream extends Owner {
  /** Of its domain. */
  readonly uid: string;
  readonly domainName: string;
  readonly name: string;
  /** Another one each time that a name is used. */
  readonly id: string;
  /** ARN of the stream of Kinesis. */
  readonly uri: string;
  readonly state: "RUNNING" | "STOPPED";
  readonly stoppedSinceMs?: number | undefined;
  /** Absent: the stream of Kinesis takes records. */
  readonly unhealthySinceMs?: number | undefined;
  /** How the last record or health check went, for a person. */
  readonly message: string;
  /** The number of the next record that is kept for later. */
  readonly nextKept: number;
  readonly createdMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** "Event streams per domain: 1", whatever the limits: each lies under its domain alone. */
export const eventStreams: Collection<EventStream> = collection("profiles_event_streams");

export function eventStreamKey({ uid }: Pick<EventStream, "uid">): string {
  return inDomain({ uid }, "");
}

/** The event stream of a domain. */
export async function findEventStream(reader: Reader, domain: Pick<Domain, "uid">): Promise<EventStream | undefined> {
  return reader.get(eventStreams, eventStreamKey(domain));
}

export function putEventStream(unit: Unit, stream: EventStream): void {
  unit.put(eventStreams, eventStreamKey(stream), stream);
}

export function eventStreamArn({ account, region, domainName, name }: EventStream): string {
  return `${domainArn({ account, region, name: domainName })}/event-streams/${name}`;
}
