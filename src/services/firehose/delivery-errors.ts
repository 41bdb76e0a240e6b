import type { Unit } from "../../store/store.ts";
import { appendServiceEvents } from "../logs/index.ts";
import type { Platform } from "../service.ts";
import type { Batch } from "./batch.ts";
import { deliveryStreamArn, findByRef } from "./delivery-stream.ts";

/**
 * Tells of a failure in the log stream that the destination's `CloudWatchLoggingOptions` name, where they are enabled. `failure`: its code, a
 * colon, and what it says. https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
 */
export async function tellError(unit: Unit, platform: Platform, batch: Batch, failure: string): Promise<void> {
  const stream = await findByRef(unit, batch.stream);
  if (!stream) return;
  const { destination } = stream;
  const options = destination.kind === "http" ? destination.logging : destination.s3.CloudWatchLoggingOptions;
  const { Enabled, LogGroupName, LogStreamName } = options;
  if (!Enabled || !LogGroupName || !LogStreamName) return;
  const [, code = "UnknownError", text = failure] = /^([A-Za-z0-9.]+): (.*)$/s.exec(failure) ?? [];
  const { work } = batch;
  const message = JSON.stringify({
    deliveryStreamARN: deliveryStreamArn(stream),
    destination: work.to === "s3" || destination.kind === "s3" ? destination.s3.BucketARN : destination.url,
    deliveryStreamVersionId: stream.version,
    message: text,
    errorCode: work.to === "s3" ? `S3.${code}` : code,
    ...(work.to === "lambda" && { processor: work.lambda.functionArn }),
  });
  const { account, region } = stream;
  const to = { account, region, group: LogGroupName, stream: LogStreamName };
  await appendServiceEvents(unit, platform, to, [{ timestampMs: platform.clock.now(), message }]);
}
