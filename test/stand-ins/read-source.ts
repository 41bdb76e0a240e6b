/** Reads a source as a run of a flow does. */
import assert from "node:assert/strict";
import {
  type Connector,
  SourceError,
  type SourcePage,
  type SourceRequest,
} from "../../src/services/appflow/connector.ts";
import type { ConnectorProfile } from "../../src/services/appflow/connector-profile.ts";
import { parseConnectorProfiles } from "../../src/services/appflow/profile-file.ts";
import type { Platform } from "../../src/services/service.ts";
import { ManualClock, SystemWallClock, type WallClock } from "../../src/time/clock.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface Reading {
  readonly records: readonly Fields[];
  /** How long it was told to wait, each time. */
  readonly waits: readonly number[];
  readonly pages: number;
}

/** The profile `source` of what an operator has written down. */
export function profileOf(members: object): ConnectorProfile {
  const [profile] = parseConnectorProfiles(JSON.stringify({ source: members }), {});
  if (!profile) throw new Error("There is no profile");
  return profile;
}

/**
 * Reads to the end. `stopAfter`: the run is interrupted each time that so many records of a page have been handed on, and goes on as a run does after a
 * restart, having `between` happen.
 */
export async function readSource(
  connector: Connector,
  profile: ConnectorProfile,
  asked: Partial<SourceRequest> & Pick<SourceRequest, "properties">,
  {
    stopAfter = Number.POSITIVE_INFINITY,
    between = () => {},
    nowMs = Date.now(),
    wall = new SystemWallClock(),
  }: { stopAfter?: number; between?: () => void; nowMs?: number; wall?: WallClock } = {},
): Promise<Reading> {
  const platform = { wall, clock: new ManualClock(nowMs) } as unknown as Platform;
  const records: Fields[] = [];
  const waits: number[] = [];
  let pages = 0;
  let run: { cursor?: unknown; done: number } = { done: 0 };
  for (;;) {
    const { signal } = new AbortController();
    const request = { account: "000000000000", region: "us-east-1", profile, signal, ...asked, cursor: run.cursor };
    const page: SourcePage = await connector.read(platform, request);
    pages += 1;
    const taken = page.records.slice(run.done, run.done + stopAfter);
    for (const record of taken) records.push("fields" in record ? record.fields : { unreadable: record.text });
    const last = taken.at(-1);
    if (run.done + taken.length < page.records.length) {
      run = last?.after === undefined ? { ...run, done: run.done + taken.length } : { cursor: last.after, done: 0 };
      between();
    } else {
      if (page.next?.waitMs !== undefined) waits.push(page.next.waitMs);
      if (!page.next) return { records, waits, pages };
      run = { cursor: page.next.cursor, done: 0 };
    }
    // As it is stored.
    run = JSON.parse(JSON.stringify(run));
  }
}

/** Why a source was not read. */
export async function refusal(
  reading: Promise<unknown>,
): Promise<Pick<SourceError, "code" | "message" | "retryAfterMs">> {
  const error = await reading.then(
    () => assert.fail("It was read"),
    (failure: unknown) => failure,
  );
  assert(error instanceof SourceError, String((error as Error).stack));
  const { code, message, retryAfterMs } = error;
  return { code, message, retryAfterMs };
}
