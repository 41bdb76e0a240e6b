import type { Sink, SinkFailure, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { appendRecords, type NewRecord, recordProblem } from "./append-records.ts";
import type { Stream } from "./documents.ts";
import { findStream, parseStreamArn } from "./find-stream.ts";
import { loadShardsIn } from "./load-shards.ts";
import { WriteTally } from "./write-rates.ts";

/** Longest partition key: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
const PARTITION_KEY_CHARACTERS_MAX = 256;

/**
 * Writes what is sent to a stream's ARN, one record a request, in the unit it is called in. The request's key is the partition
 * key; without one it is the delivery id.
 */
export function createKinesisSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const tally = platform.limits.enforced ? new WriteTally(platform) : undefined;
      const targets = new Map<string, Stream | SinkFailure>();
      const records: NewRecord[] = [];
      const outcomes: SinkOutcome[] = [];
      let stream: Stream | undefined;
      for (const request of requests) {
        const sender = `${request.account} ${request.principal}`;
        const target = targets.get(sender) ?? (await findTarget(unit, arn, request));
        targets.set(sender, target);
        if (!isStream(target)) {
          outcomes.push(target);
          continue;
        }
        stream = target;
        const record = recordOf(request);
        const failure = refusal(target, record) ?? (await throttling(unit, platform, target, record, tally));
        if (failure === undefined) records.push(record);
        outcomes.push(failure);
      }
      if (stream !== undefined) await appendRecords(unit, platform, stream, records);
      if (tally !== undefined) unit.afterCommit(() => tally.charge());
      return outcomes;
    },
  };
}

function isStream(target: Stream | SinkFailure): target is Stream {
  return "shardMapRevision" in target;
}

/** A stream of another account must share PutRecord with who sends. */
async function findTarget(unit: Unit, arn: string, request: SinkRequest): Promise<Stream | SinkFailure> {
  try {
    const { region } = parseStreamArn(arn);
    const sender = { account: request.account, region, principalArn: request.principal };
    return await findStream(unit, { StreamARN: arn }, sender, "PutRecord");
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    const code = error.code === "AccessDeniedException" ? "NO_PERMISSIONS" : "NO_RESOURCE";
    return { code, message: error.message, retryable: false };
  }
}

function recordOf({ body, isBase64, key, deliveryId }: SinkRequest): NewRecord {
  return { data: isBase64 ? Buffer.from(body, "base64") : body, partitionKey: key || deliveryId, spread: deliveryId };
}

function refusal(stream: Stream, record: NewRecord): SinkFailure | undefined {
  const message =
    (record.partitionKey?.length ?? 0) > PARTITION_KEY_CHARACTERS_MAX
      ? `The partition key is longer than ${PARTITION_KEY_CHARACTERS_MAX} characters.`
      : recordProblem(stream, record)?.message;
  return message === undefined ? undefined : { code: "INVALID_PARAMETER", message, retryable: false };
}

async function throttling(
  unit: Unit,
  platform: Platform,
  stream: Stream,
  record: NewRecord,
  tally: WriteTally | undefined,
): Promise<SinkFailure | undefined> {
  if (tally === undefined) return undefined;
  const message = tally.refuse(stream, await loadShardsIn(unit, platform.store, stream), record);
  return message === undefined ? undefined : { code: "THROTTLING", message, retryable: true };
}
