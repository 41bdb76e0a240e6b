import type {
  DescribeAccountSettingsOutput,
  DescribeLimitsOutput,
  MinimumThroughputBillingCommitmentOutput,
  UpdateAccountSettingsInput,
  UpdateAccountSettingsOutput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Caller, Context, Limits } from "../service.ts";
import { type AccountUsage, accountUsages, type BillingCommitment } from "./documents.ts";
import { ON_DEMAND_STREAMS_MAX, SHARDS_MAX } from "./quotas.ts";

/** The account's quotas, and what it uses of them. */
export async function describeLimits(_input: object, context: Context): Promise<DescribeLimitsOutput> {
  const usage = await accountUsage(context.store, context);
  return {
    ShardLimit: shardsMax(context.limits),
    OpenShardCount: usage.openShardCount,
    OnDemandStreamCount: usage.onDemandStreamCount,
    OnDemandStreamCountLimit: onDemandStreamsMax(context.limits),
  };
}

export async function describeAccountSettings(
  _input: object,
  context: Context,
): Promise<DescribeAccountSettingsOutput> {
  const { commitment } = await accountUsage(context.store, context);
  return { MinimumThroughputBillingCommitment: describeCommitment(commitment, context.clock.now()) };
}

/** A commitment that has not lasted long enough goes on to its earliest end. */
export async function updateAccountSettings(
  input: Validated<UpdateAccountSettingsInput>,
  context: Context,
): Promise<UpdateAccountSettingsOutput> {
  const wanted = input.MinimumThroughputBillingCommitment.Status;
  const nowMs = context.clock.now();
  const commitment = await context.store.commit(async (unit) => {
    const usage = await accountUsage(unit, context);
    const commitment = wanted === "ENABLED" ? enabled(usage.commitment, nowMs) : disabled(usage.commitment, nowMs);
    if (commitment !== undefined) unit.put(accountUsages, documentId(context), { ...usage, commitment });
    return commitment;
  });
  return { MinimumThroughputBillingCommitment: describeCommitment(commitment, nowMs) };
}

/** A commitment cannot end earlier: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MinimumThroughputBillingCommitmentInput.html */
const COMMITMENT_MS_MIN = 24 * 3_600_000;

function enabled(commitment: BillingCommitment | undefined, nowMs: number): BillingCommitment {
  if (!isCommitted(commitment, nowMs)) return { startedMs: nowMs, earliestEndMs: nowMs + COMMITMENT_MS_MIN };
  return { startedMs: commitment.startedMs, earliestEndMs: commitment.earliestEndMs };
}

function disabled(commitment: BillingCommitment | undefined, nowMs: number): BillingCommitment | undefined {
  if (!isCommitted(commitment, nowMs) || commitment.endMs !== undefined) return commitment;
  return { ...commitment, endMs: Math.max(nowMs, commitment.earliestEndMs) };
}

export function isCommitted(commitment: BillingCommitment | undefined, nowMs: number): commitment is BillingCommitment {
  return commitment !== undefined && nowMs < (commitment.endMs ?? Number.POSITIVE_INFINITY);
}

function describeCommitment(
  commitment: BillingCommitment | undefined,
  nowMs: number,
): MinimumThroughputBillingCommitmentOutput {
  if (commitment === undefined) return { Status: "DISABLED" };
  const { startedMs, earliestEndMs, endMs } = commitment;
  const StartedAt = new Date(startedMs);
  if (!isCommitted(commitment, nowMs)) {
    return { Status: "DISABLED", StartedAt, EndedAt: new Date(endMs ?? nowMs) };
  }
  const Status = endMs === undefined ? "ENABLED" : "ENABLED_UNTIL_EARLIEST_ALLOWED_END";
  return { Status, StartedAt, EarliestAllowedEndAt: new Date(earliestEndMs) };
}

type Owner = Pick<Caller, "account" | "region">;

export async function accountUsage(reader: Reader, owner: Owner): Promise<AccountUsage> {
  return (await reader.get(accountUsages, documentId(owner))) ?? { openShardCount: 0, onDemandStreamCount: 0 };
}

function documentId({ account, region }: Owner): string {
  return compositeKey(account, region);
}

export interface UsageChange {
  readonly openShards: number;
  readonly onDemandStreams: number;
}

/** Counts what an account uses. With enforced limits, throws `LimitExceededException` where it would be too much. */
export async function changeUsage(unit: Unit, owner: Owner, change: UsageChange, limits: Limits): Promise<void> {
  const usage = await accountUsage(unit, owner);
  const { account, region } = owner;
  if (limits.enforced && change.openShards > 0 && usage.openShardCount + change.openShards > shardsMax(limits)) {
    throw new ModeledError(
      "LimitExceededException",
      `This request would exceed the shard limit for the account ${account} in ${region}. Current shard count for the account: ${usage.openShardCount}. Limit: ${shardsMax(limits)}. Number of additional shards that would have resulted from this request: ${change.openShards}. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.`,
    );
  }
  const onDemandStreamCount = usage.onDemandStreamCount + change.onDemandStreams;
  if (limits.enforced && change.onDemandStreams > 0 && onDemandStreamCount > onDemandStreamsMax(limits)) {
    throw new ModeledError(
      "LimitExceededException",
      `This request would exceed the on-demand stream limit for the account ${account} in ${region}. Current on-demand stream count for the account: ${usage.onDemandStreamCount}. Limit: ${onDemandStreamsMax(limits)}.`,
    );
  }
  const openShardCount = usage.openShardCount + change.openShards;
  unit.put(accountUsages, documentId(owner), { ...usage, openShardCount, onDemandStreamCount });
}

/** Defaults of the largest Regions: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
function shardsMax(limits: Limits): number {
  return limits.value("kinesis.shards", SHARDS_MAX);
}

function onDemandStreamsMax(limits: Limits): number {
  return limits.value("kinesis.on-demand-streams", ON_DEMAND_STREAMS_MAX);
}
