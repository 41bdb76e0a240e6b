import { ModeledError } from "../../models/modeled-error.ts";
import { limitsOf, ONE_CALL, ratesOf } from "../rates.ts";
import type { Context, Handler, Limit } from "../service.ts";
import type { ConsumerReference } from "./find-resource.ts";
import type { StreamReference } from "./find-stream.ts";

/**
 * Calls a second, per account and Region or per stream, as the API reference states them at each operation. What is missing has no
 * documented rate (reading and writing have rates per shard).
 */
const CALLS_PER_SECOND: Readonly<Record<string, { readonly calls: number; readonly per: "account" | "stream" }>> = {
  AddTagsToStream: { calls: 5, per: "account" },
  CreateStream: { calls: 5, per: "account" },
  DeleteStream: { calls: 5, per: "account" },
  DeregisterStreamConsumer: { calls: 5, per: "stream" },
  DescribeAccountSettings: { calls: 5, per: "account" },
  DescribeLimits: { calls: 1, per: "account" },
  DescribeStream: { calls: 10, per: "account" },
  DescribeStreamConsumer: { calls: 20, per: "stream" },
  DescribeStreamSummary: { calls: 20, per: "account" },
  ListShards: { calls: 1000, per: "stream" },
  ListStreamConsumers: { calls: 5, per: "stream" },
  ListStreams: { calls: 5, per: "account" },
  ListTagsForStream: { calls: 5, per: "account" },
  MergeShards: { calls: 5, per: "account" },
  RegisterStreamConsumer: { calls: 5, per: "account" },
  RemoveTagsFromStream: { calls: 5, per: "account" },
  SplitShard: { calls: 5, per: "account" },
  UpdateAccountSettings: { calls: 5, per: "account" },
  UpdateShardCount: { calls: 10, per: "account" },
  UpdateStreamWarmThroughput: { calls: 5, per: "account" },
};

/** The limits by which these rates can be changed. */
export const callRateLimits: readonly Limit[] = Object.entries(CALLS_PER_SECOND).map(([operation, { calls, per }]) => ({
  name: limitName(operation),
  default: calls,
  meaning: `${operation} requests a second, per ${per === "account" ? "account and Region" : "stream"}`,
  source: `https://docs.aws.amazon.com/kinesis/latest/APIReference/API_${operation}.html`,
}));

function limitName(operation: string): string {
  return `${limitsOf("kinesis", operation)}-per-second`;
}

/** A handler that, with enforced limits, refuses calls beyond the operation's rate before anything else. */
export function rateLimited(operation: string, handler: Handler): Handler {
  const rate = CALLS_PER_SECOND[operation];
  if (rate === undefined) return handler;
  const limit = limitName(operation);
  return async (input: StreamReference & ConsumerReference, context: Context) => {
    if (context.limits.enforced) {
      const stream = rate.per === "stream" ? named(input) : "";
      const key = `kinesis ${operation} ${context.account} ${context.region} ${stream}`;
      const perSecond = context.limits.value(limit, rate.calls);
      if (!ratesOf(context.store).take(key, { perSecond }, ONE_CALL, context.clock.now())) {
        throw rateExceeded(named(input), context);
      }
    }
    return handler(input, context);
  };
}

/** The stream's name as far as the request tells. */
function named({ StreamName, StreamARN, ConsumerARN, StreamId }: StreamReference & ConsumerReference): string {
  const arn = StreamARN ?? ConsumerARN;
  return StreamName ?? (arn === undefined ? (StreamId ?? "") : (arn.split("/")[1] ?? ""));
}

function rateExceeded(stream: string, { account }: Context): ModeledError {
  const of = stream === "" ? "" : ` for stream ${stream}`;
  return new ModeledError("LimitExceededException", `Rate exceeded${of} under account ${account}.`);
}
