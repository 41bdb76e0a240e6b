import type { ReplayDestination, ReplayState } from "@aws-sdk/client-eventbridge";
import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import { type BusAddress, busLogName } from "../bus.ts";
import { notFound } from "../errors.ts";

export interface Replay {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly description?: string;
  readonly archiveArn: string;
  readonly archiveId: string;
  readonly destination: ReplayDestination;
  readonly startMs: number;
  readonly endMs: number;
  readonly state: ReplayState;
  readonly stateReason?: string;
  readonly startedMs: number;
  readonly endedMs?: number;
  /** Time of the last event that came. */
  readonly lastEventMs?: number;
  /** The last event that came, as the archive has it: the next step begins behind it. */
  readonly behind?: string;
}

export const REPLAYS: Collection<Replay> = collection("eventbridge_replay", {
  /** Those of an account and Region that are not over. */
  active: {
    type: "text",
    value: (replay) => (isActive(replay) ? compositeKey(replay.account, replay.region, replay.name) : undefined),
  },
});

export type ReplayAddress = Pick<Replay, "account" | "region" | "name">;

export function replayKey({ account, region, name }: ReplayAddress): string {
  return compositeKey(account, region, name);
}

export function replayArn({ account, region, name }: ReplayAddress): string {
  return `arn:aws:events:${region}:${account}:replay/${name}`;
}

export async function getReplay(reader: Reader, address: ReplayAddress): Promise<Replay> {
  const replay = await reader.get(REPLAYS, replayKey(address));
  if (replay === undefined) throw notFound(`Replay ${address.name} does not exist.`);
  return replay;
}

export function isActive({ state }: Pick<Replay, "state">): boolean {
  return state === "STARTING" || state === "RUNNING" || state === "CANCELLING";
}

/** The log of what replays bring to a bus. */
export function replayLogName(bus: BusAddress): string {
  return `replays/${busLogName(bus)}`;
}

/** The key of an event in that log: whose it is. */
export function replayEntryKey({ name }: Replay, eventId: string): string {
  return `${name}:${eventId}`;
}

/** The name of the replay that an entry of that log is of. */
export function replayOfEntry(entryKey: string): string {
  return entryKey.slice(0, entryKey.lastIndexOf(":"));
}
