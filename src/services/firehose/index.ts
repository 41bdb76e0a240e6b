/** Firehose: delivery streams that gather records and write them to S3 or an HTTP endpoint. */

import type { Platform, Service } from "../service.ts";
import { collectRecords, FLUSH_TIMER, flush, onEnd } from "./collect.ts";
import { createBatchSink, RETRY_TIMER, retryBatch } from "./deliver-batch.ts";
import { deliveryStreams, endingStreams } from "./delivery-stream.ts";
import {
  createDeliveryStream,
  deleteDeliveryStream,
  describeDeliveryStream,
  listDeliveryStreams,
} from "./delivery-streams.ts";
import { startDeliveryStreamEncryption, stopDeliveryStreamEncryption } from "./encryption.ts";
import { END_TIMER } from "./end-stream.ts";
import { followSource, hasSource } from "./kinesis-source.ts";
import { mapOfDeliveryStreams } from "./map.ts";
import { putRecord, putRecordBatch } from "./put-record.ts";
import { firehoseLimits, rateLimited } from "./quotas.ts";
import { createFirehoseSink } from "./sink.ts";
import { listTagsForDeliveryStream, tagDeliveryStream, untagDeliveryStream } from "./tags.ts";
import { updateDestination } from "./update-destination.ts";

export { deaggregate } from "./deaggregate.ts";
export { flushStream } from "./flush-stream.ts";
export { appendServiceRecord, hasDeliveryStream } from "./sink.ts";
export { listReadersOf, listStreamStatuses } from "./stream-status.ts";

export const firehose: Service = {
  map: mapOfDeliveryStreams,
  operations: {
    firehose: {
      CreateDeliveryStream: rateLimited("CreateDeliveryStream", createDeliveryStream),
      DeleteDeliveryStream: rateLimited("DeleteDeliveryStream", deleteDeliveryStream),
      DescribeDeliveryStream: rateLimited("DescribeDeliveryStream", describeDeliveryStream),
      ListDeliveryStreams: rateLimited("ListDeliveryStreams", listDeliveryStreams),
      ListTagsForDeliveryStream: rateLimited("ListTagsForDeliveryStream", listTagsForDeliveryStream),
      PutRecord: putRecord,
      PutRecordBatch: putRecordBatch,
      StartDeliveryStreamEncryption: rateLimited("StartDeliveryStreamEncryption", startDeliveryStreamEncryption),
      StopDeliveryStreamEncryption: rateLimited("StopDeliveryStreamEncryption", stopDeliveryStreamEncryption),
      TagDeliveryStream: rateLimited("TagDeliveryStream", tagDeliveryStream),
      UntagDeliveryStream: rateLimited("UntagDeliveryStream", untagDeliveryStream),
      UpdateDestination: rateLimited("UpdateDestination", updateDestination),
    },
  },
  limits: firehoseLimits,
  async start(platform) {
    const { flow } = platform;
    flow.onTimer(FLUSH_TIMER, (unit, { payload }) => flush(unit, platform, payload as Parameters<typeof flush>[2]));
    flow.onTimer(RETRY_TIMER, (unit, { payload }) => retryBatch(unit, platform, payload as { id: string }));
    flow.onTimer(END_TIMER, (unit, { payload }) => onEnd(unit, platform, payload as { id: string }));
    flow.sink("firehose", "deliverystream/", createFirehoseSink(platform));
    flow.sink("firehose", "batch/", createBatchSink(platform));
    describeMetrics(platform);
    await followAll(platform);
  },
};

function describeMetrics({ flow: { metrics } }: Platform): void {
  const of = "by delivery stream and where they went: s3, http, lambda or decompress";
  metrics.describe("trunkline_firehose_delivered_records_total", `Records of batches that were delivered, ${of}.`);
  metrics.describe("trunkline_firehose_delivered_bytes_total", `Bytes of records that were delivered, ${of}.`);
  metrics.describe("trunkline_firehose_failed_attempts_total", `Attempts to deliver batches that failed, ${of}.`);
  metrics.describe(
    "trunkline_firehose_lost_records_total",
    "Records that no bucket took for a day, by delivery stream.",
  );
}

/** Goes on with the streams that there are. */
async function followAll(platform: Platform): Promise<void> {
  for (const streams of [deliveryStreams, endingStreams]) {
    let after: string | undefined;
    do {
      const page = await platform.store.list(streams, { limit: 1000, after });
      for (const stream of page.documents) {
        collectRecords(platform, stream);
        if (hasSource(stream) && stream.deletedMs === undefined) followSource(platform, stream);
      }
      after = page.next;
    } while (after !== undefined);
  }
}
