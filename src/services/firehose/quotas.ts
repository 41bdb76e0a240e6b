/** Quotas and rates that hold with `--enforce-limits`, and that `--limit` changes. */

import { ModeledError } from "../../models/modeled-error.ts";
import { type CallRate, callRateLimits, type RatedCall, takeCall } from "../call-rates.ts";
import type { Context, Handler, Limit } from "../service.ts";
import { HTTP_TIMEOUT_MS } from "./limits.ts";

const QUOTA_PAGE = "https://docs.aws.amazon.com/firehose/latest/dev/limits.html";

/** Of an account in the largest Regions, as are the rates. */
export const STREAMS: Limit = {
  name: "firehose.delivery-streams",
  default: 5000,
  meaning: "Delivery streams of an account in a Region",
  source: QUOTA_PAGE,
};
export const PUT_REQUESTS: Limit = {
  name: "firehose.put-requests-per-second",
  default: 2000,
  meaning: "PutRecord and PutRecordBatch requests for a delivery stream, a second",
  source: QUOTA_PAGE,
};
export const PUT_RECORDS: Limit = {
  name: "firehose.put-records-per-second",
  default: 500_000,
  meaning: "Records that a delivery stream takes in a second",
  source: QUOTA_PAGE,
};
export const PUT_BYTES: Limit = {
  name: "firehose.put-bytes-per-second",
  default: 5 * 1024 * 1024,
  meaning: "Bytes that a delivery stream takes in a second",
  source: QUOTA_PAGE,
};

export const HTTP_TIMEOUT: Limit = {
  name: "firehose.http-endpoint-timeout-ms",
  default: HTTP_TIMEOUT_MS,
  meaning: "Wall time that an HTTP endpoint has to take a request, in milliseconds; it always holds",
  source: "https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html",
};

const CONTROL_RATE: CallRate = { perSecond: 5, burst: 5 };

const CONTROL_CALLS = [
  "CreateDeliveryStream",
  "DeleteDeliveryStream",
  "DescribeDeliveryStream",
  "ListDeliveryStreams",
  "UpdateDestination",
  "TagDeliveryStream",
  "UntagDeliveryStream",
  "ListTagsForDeliveryStream",
  "StartDeliveryStreamEncryption",
  "StopDeliveryStreamEncryption",
] as const;

function callOf(operation: string): RatedCall {
  return { service: "firehose", operation, rate: CONTROL_RATE };
}

/** A handler of a control operation that, with enforced limits, refuses calls beyond its rate. */
export function rateLimited(operation: (typeof CONTROL_CALLS)[number], handler: Handler): Handler {
  const call = callOf(operation);
  return async (input, context: Context) => {
    if (context.limits.enforced && !takeCall(call, `${context.account}/${context.region}`, context)) {
      throw new ModeledError("LimitExceededException", "Rate exceeded");
    }
    return handler(input, context);
  };
}

export const firehoseLimits: readonly Limit[] = [
  STREAMS,
  PUT_REQUESTS,
  PUT_RECORDS,
  PUT_BYTES,
  HTTP_TIMEOUT,
  ...CONTROL_CALLS.flatMap((operation) => callRateLimits(callOf(operation), "an account in a Region", QUOTA_PAGE)),
];
