/** What the tests of Kinesis share: a world of their own with clocks that stand still. Holds no test itself. */
import assert from "node:assert/strict";
import { ModeledError } from "../../models/modeled-error.ts";
import { ManualClock, type WallClock } from "../../time/clock.ts";
import type { Context } from "../service.ts";
import { callerOf, closePlatform, openPlatform, START_MS } from "../world.test.ts";
import { getRecords, getShardIterator } from "./get-records.ts";
import { kinesis } from "./index.ts";
import { putRecord } from "./put-records.ts";
import { createStream } from "./streams.ts";

export { START_MS };
export const HOUR_MS = 3_600_000;
export const ACCOUNT = "111122223333";
export const OTHER_ACCOUNT = "444455556666";

/** Wall time that stands still until it is moved. */
export class ManualWallClock extends ManualClock implements WallClock {
  monotonicMs(): number {
    return this.now();
  }

  after(delayMs: number, callback: () => void): Disposable {
    return this.wakeAt(this.now() + delayMs, callback);
  }
}

export interface World extends Context, AsyncDisposable {
  readonly clock: ManualClock;
  readonly wall: ManualWallClock;
  /** The same world, called by somebody else. */
  as(caller: Partial<Context>): Context;
}

/** `limits` are enforced where they are given, an empty object for the documented ones. Its flow is not started. */
export async function openWorld(limits?: Readonly<Record<string, number>>): Promise<World> {
  const clock = new ManualClock(START_MS);
  const wall = new ManualWallClock(START_MS);
  const platform = await openPlatform({ clock, wall, seed: "kinesis", limits });
  await kinesis.start?.(platform);
  const context: Context = { ...platform, ...callerOf(ACCOUNT) };
  return {
    ...context,
    clock,
    wall,
    as: (caller) => ({ ...context, ...caller }),
    [Symbol.asyncDispose]: () => closePlatform(platform),
  };
}

export function otherAccount(world: World): Context {
  return world.as({ account: OTHER_ACCOUNT, principalArn: `arn:aws:iam::${OTHER_ACCOUNT}:root` });
}

/** A stream with one shard, or as many as are asked for. */
export async function createStreamNamed(world: Context, name: string, shards = 1): Promise<void> {
  await createStream({ StreamName: name, ShardCount: shards }, world);
}

export async function put(world: Context, stream: string, key: string, text: string = key): Promise<string> {
  const { SequenceNumber } = await putRecord({ StreamName: stream, PartitionKey: key, Data: Buffer.from(text) }, world);
  return String(SequenceNumber);
}

/** What a shard holds from its trim horizon on, as text, read to its tip; and the child shards where it has ended. */
export async function readAll(
  world: Context,
  stream: string,
  shardId = "shardId-000000000000",
): Promise<{ texts: string[]; children: string[] }> {
  const { ShardIterator } = await getShardIterator(
    { StreamName: stream, ShardId: shardId, ShardIteratorType: "TRIM_HORIZON" },
    world,
  );
  const texts: string[] = [];
  let iterator = ShardIterator;
  while (iterator !== undefined) {
    const answer = await getRecords({ ShardIterator: iterator }, world);
    texts.push(...(answer.Records ?? []).map((record) => Buffer.from(record.Data ?? []).toString()));
    if (answer.NextShardIterator === undefined) {
      return { texts, children: (answer.ChildShards ?? []).map((child) => String(child.ShardId)) };
    }
    iterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator;
  }
  return { texts, children: [] };
}

/** Checks that a call fails with a modelled error, by its code and its words. */
export async function rejectsWith(call: Promise<unknown>, code: string, message: string | RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert(error instanceof ModeledError, String(error));
    assert.equal(error.code, code);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}
