/** Delivers batches: each is a delivery to a sink of our own, outside of any unit, and is gone once what it led to is committed. */

import { type Flow, findCursor, type Sink } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { OutsideS3Error } from "../s3/index.ts";
import type { Platform } from "../service.ts";
import { type Batch, batches, COLLECTOR, holdLog } from "./batch.ts";
import { decompressBatch } from "./decompress.ts";
import { deliverToHttp } from "./deliver-to-http.ts";
import { storeBatch } from "./deliver-to-s3.ts";
import { tellError } from "./delivery-errors.ts";
import { deliveryStreamArn, recordsLog, type StreamRef } from "./delivery-stream.ts";
import { appendNextEnd } from "./end-stream.ts";
import { LAMBDA_PATIENCE_MS, S3_RETRY_MS } from "./limits.ts";
import { HTTP_END } from "./map.ts";
import { jittered, type Outcome } from "./outcome.ts";
import { noteDelivery, noteFailure } from "./stream-status.ts";
import { transformBatch } from "./transform.ts";

/** Nobody but us may order deliveries: a rule's target can have any ARN. */
const PRINCIPAL = "firehose.amazonaws.com";

export const RETRY_TIMER = "firehose.retry";

/** Longer than anything that a batch waits for. */
const ATTEMPT_TIMEOUT_MS = LAMBDA_PATIENCE_MS + 60_000;

/** Owes a batch to where it goes, in the unit that makes it or puts it back. */
export async function oweBatch(unit: Unit, platform: Platform, batch: Batch): Promise<void> {
  unit.put(batches, batch.id, batch);
  await sendBatch(unit, platform, batch);
}

async function sendBatch(unit: Unit, platform: Platform, { id, stream, kind, work, attempts }: Batch): Promise<void> {
  const arn = deliveryStreamArn(stream);
  const body = JSON.stringify({ id });
  await platform.flow.send(unit, [
    {
      // A lane for each stream and what it waits for: none holds up another.
      targetArn: `arn:aws:firehose:${stream.region}:${stream.account}:batch/${stream.id}/${kind}`,
      request: {
        deliveryId: `${id}-${work.to}-${attempts}`,
        body,
        account: stream.account,
        principal: PRINCIPAL,
        sourceArn: arn,
      },
      event: body,
      ruleArn: arn,
      timeMs: platform.clock.now(),
    },
  ]);
}

/** The time of a batch has come that failed. */
export async function retryBatch(unit: Unit, platform: Platform, { id }: { readonly id: string }): Promise<void> {
  const batch = await unit.get(batches, id);
  if (batch) await sendBatch(unit, platform, batch);
}

export function createBatchSink(platform: Platform): Sink {
  return {
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    async attempt(_arn, { principal, body }, signal) {
      if (principal !== PRINCIPAL) return { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };
      const batch = await platform.store.get(batches, (JSON.parse(body) as { id: string }).id);
      if (batch) await attemptBatch(platform, batch, signal);
      return undefined;
    },
  };
}

async function attemptBatch(platform: Platform, batch: Batch, signal: AbortSignal): Promise<void> {
  const { work } = batch;
  switch (work.to) {
    case "s3":
      try {
        await storeBatch(platform, batch, work, signal, (unit) => completeBatch(unit, platform, batch));
      } catch (error) {
        if (error instanceof BatchGone) return;
        await s3Failed(platform, batch, error);
      }
      return;
    case "http":
      return settle(platform, batch, await deliverToHttp(platform, batch, work, signal));
    case "decompress":
      return settle(platform, batch, await decompressBatch(platform, batch, work, signal));
    case "lambda":
      return settle(platform, batch, await transformBatch(platform, batch, work, signal));
    default:
      return work satisfies never;
  }
}

/** Somebody else has delivered it meanwhile. */
class BatchGone extends Error {}

/** In the commit that holds what it led to. Throws where it is gone: that commit would be a second one. */
async function completeBatch(unit: Unit, platform: Platform, batch: Batch): Promise<void> {
  const now = await unit.get(batches, batch.id);
  if (now?.work.to !== batch.work.to) throw new BatchGone();
  unit.delete(batches, batch.id);
  await noteProgress(unit, batch.stream);
  const labels = { ...labelsOf(batch), to: batch.work.to };
  unit.afterCommit(() => {
    const { flow } = platform;
    flow.metrics.count("trunkline_firehose_delivered_records_total", labels, batch.count);
    flow.metrics.count("trunkline_firehose_delivered_bytes_total", labels, batch.bytes);
    countRecords(flow, batch, "passed");
    noteDelivery(platform, batch);
  });
}

/** By what it goes to: what a function or a decompression makes of it goes on in a batch of its own. */
function countRecords({ countPassed }: Flow, { stream, work, count }: Batch, outcome: "passed" | "failed"): void {
  if (work.to !== "s3" && work.to !== "http") return;
  const { account, region } = stream;
  const to = work.to === "s3" ? `arn:aws:s3:::${work.bucket}` : HTTP_END;
  countPassed({ account, region, from: deliveryStreamArn(stream), to }, count, outcome);
}

async function noteProgress(unit: Unit, ref: StreamRef): Promise<void> {
  const place = { log: recordsLog(ref), consumer: COLLECTOR, partition: 0 };
  const cursor = await findCursor(unit, place);
  // The stream has gone for good.
  if (!cursor) return;
  await holdLog(unit, ref, cursor.next);
  await appendNextEnd(unit, ref);
}

async function settle(platform: Platform, batch: Batch, outcome: Outcome): Promise<void> {
  try {
    await platform.store.commit(async (unit) => {
      if ("done" in outcome) {
        // First what follows from it: the end of a stream waits for that too.
        await outcome.done(unit);
        await completeBatch(unit, platform, batch);
      } else await putBack(unit, platform, batch, outcome);
    });
  } catch (error) {
    if (!(error instanceof BatchGone)) throw error;
  }
}

async function putBack(
  unit: Unit,
  platform: Platform,
  attempted: Batch,
  outcome: Exclude<Outcome, { done: unknown }>,
): Promise<void> {
  const batch = await unit.get(batches, attempted.id);
  if (batch?.work.to !== attempted.work.to || batch.attempts !== attempted.attempts) return;
  const { failure } = outcome;
  const nowMs = platform.clock.now();
  await tellError(unit, platform, batch, failure);
  unit.afterCommit(() => {
    const labels = { ...labelsOf(batch), to: batch.work.to };
    platform.flow.metrics.count("trunkline_firehose_failed_attempts_total", labels);
    countRecords(platform.flow, batch, "failed");
    noteFailure(platform, batch, failure);
  });
  if ("instead" in outcome) {
    const { attemptedMs: _, ...rest } = batch;
    await oweBatch(unit, platform, { ...rest, work: outcome.instead, attempts: 0, failure });
    return;
  }
  const attemptedMs = batch.attemptedMs ?? nowMs;
  unit.put(batches, batch.id, { ...batch, attempts: batch.attempts + 1, attemptedMs, failure });
  const dueMs = nowMs + outcome.retryAfterMs;
  platform.flow.schedule(unit, {
    id: `${RETRY_TIMER}:${batch.id}`,
    kind: RETRY_TIMER,
    dueMs,
    payload: { id: batch.id },
  });
}

/** Our choice: 5 s, doubled up to 5 minutes, give or take 15 %. */
const S3_DELAY_MS = { first: 5_000, max: 300_000 };

/** What a bucket refuses may pass: it can be created, or be given to the account. What else goes wrong is our own fault. */
async function s3Failed(platform: Platform, batch: Batch, error: unknown): Promise<void> {
  if (!(error instanceof ModeledError || error instanceof OutsideS3Error)) throw error;
  const { store, clock, ids, log, flow } = platform;
  const failure = error instanceof ModeledError ? `${error.code}: ${error.message}` : error.message;
  if (clock.now() < (batch.attemptedMs ?? clock.now()) + S3_RETRY_MS) {
    const retryAfterMs = jittered(Math.min(S3_DELAY_MS.max, S3_DELAY_MS.first * 2 ** batch.attempts), ids.random());
    await settle(platform, batch, { retryAfterMs, failure });
    return;
  }
  log.error({ stream: deliveryStreamArn(batch.stream), records: batch.count, failure }, "records were given up");
  await store.commit(async (unit) => {
    await tellError(unit, platform, batch, failure);
    if (!(await unit.get(batches, batch.id))) return;
    unit.delete(batches, batch.id);
    await noteProgress(unit, batch.stream);
    unit.afterCommit(() => flow.metrics.count("trunkline_firehose_lost_records_total", labelsOf(batch), batch.count));
  });
}

function labelsOf({ stream: { account, region, name } }: Batch): Readonly<Record<string, string>> {
  return { account, region, stream: name };
}
