import type { Unit } from "../../../store/store.ts";
import { derivedUuid } from "../../../time/ids.ts";
import type { Platform } from "../../service.ts";
import { type EventSourceMapping, mappingArn } from "./mapping.ts";

/** Records of a shard that a mapping has given up. */
export interface GivenUp {
  readonly condition: "RetryAttemptsExhausted" | "MaximumRecordAgeExceeded";
  readonly shardId: string;
  readonly firstNumber: string;
  readonly lastNumber: string;
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
  readonly count: number;
  readonly attempts: number;
  /** Absent: they were never sent to the function. */
  readonly response?: { readonly requestId: string; readonly executedVersion: string; readonly functionError: string };
  /** What the function was sent: only a bucket gets it too. */
  readonly payload: string;
}

/**
 * Tells the mapping's on-failure destination, in the unit that moves on. A queue or a topic is told where the records are; a bucket gets
 * them as well.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export async function sendFailure(
  unit: Unit,
  platform: Pick<Platform, "flow" | "clock">,
  mapping: EventSourceMapping,
  givenUp: GivenUp,
): Promise<void> {
  const targetArn = mapping.settings.DestinationConfig?.OnFailure?.Destination;
  if (!targetArn) return;
  const nowMs = platform.clock.now();
  const deliveryId = derivedUuid(mapping.uuid, givenUp.shardId, givenUp.firstNumber, givenUp.lastNumber);
  const record = failureRecord(mapping, givenUp, { nowMs, requestId: givenUp.response?.requestId ?? deliveryId });
  const toBucket = targetArn.startsWith("arn:aws:s3:");
  const body = JSON.stringify(toBucket ? { ...record, payload: givenUp.payload } : record);
  await platform.flow.send(unit, [
    {
      targetArn,
      request: {
        deliveryId,
        body,
        account: mapping.account,
        principal: "lambda.amazonaws.com",
        sourceArn: mappingArn(mapping),
        ...(toBucket && { key: objectKey(mapping, givenUp, nowMs, deliveryId) }),
      },
      event: body,
      ruleArn: mappingArn(mapping),
      timeMs: nowMs,
    },
  ]);
}

function failureRecord(
  mapping: EventSourceMapping,
  givenUp: GivenUp,
  { nowMs, requestId }: { readonly nowMs: number; readonly requestId: string },
): object {
  const { response } = givenUp;
  return {
    requestContext: {
      requestId,
      functionArn: mapping.functionArn,
      condition: givenUp.condition,
      approximateInvokeCount: givenUp.attempts,
    },
    ...(response && {
      responseContext: {
        statusCode: 200,
        executedVersion: response.executedVersion,
        functionError: response.functionError,
      },
    }),
    version: "1.0",
    timestamp: new Date(nowMs).toISOString(),
    KinesisBatchInfo: {
      shardId: givenUp.shardId,
      startSequenceNumber: givenUp.firstNumber,
      endSequenceNumber: givenUp.lastNumber,
      approximateArrivalOfFirstRecord: new Date(givenUp.firstArrivalMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(givenUp.lastArrivalMs).toISOString(),
      batchSize: givenUp.count,
      streamArn: mapping.sourceArn,
    },
  };
}

/** `aws/lambda/UUID/shardId-000000000000/2026/11/21/2026-11-21T04.16.12-UUID`. */
function objectKey(mapping: EventSourceMapping, { shardId }: GivenUp, nowMs: number, id: string): string {
  const time = new Date(nowMs).toISOString();
  const day = time.slice(0, 10).replaceAll("-", "/");
  return `aws/lambda/${mapping.uuid}/${shardId}/${day}/${time.slice(0, 19).replaceAll(":", ".")}-${id}`;
}
