import type { Method, ThrottleSettings } from "@aws-sdk/client-api-gateway";
import { keptReader } from "../../kept-reader.ts";
import type { DeployedRestApi } from "../deployed-api.ts";
import { type FoundUsagePlan, findApiKey, findUsagePlan } from "../deployed-api.ts";
import { countUsage, remainingQuota } from "../usage/usage.ts";
import { type Call, contextMap, contextValue, GatewayError, headerOf } from "./call.ts";
import { type Throttle, takeTokens } from "./throttle.ts";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const ACCOUNT: Throttle = { rate: 10_000, burst: 5_000 };

export interface StageThrottle {
  readonly throttlingRateLimit?: number | undefined;
  readonly throttlingBurstLimit?: number | undefined;
}

interface KeyedPlan extends FoundUsagePlan {
  readonly keyId: string;
}

/** The key of a method that wants one, with its plan for this stage. Throws `GatewayError` (INVALID_API_KEY). */
export async function findKey(call: Call, { api }: DeployedRestApi, method: Method): Promise<KeyedPlan | undefined> {
  if (!method.apiKeyRequired) return undefined;
  const { account, region, apiId } = call.stage;
  const value =
    api.apiKeySource === "AUTHORIZER"
      ? contextValue(call.context, "authorizer.usageIdentifierKey")
      : headerOf(call.headers, "x-api-key");
  if (typeof value !== "string" || value === "") throw new GatewayError("INVALID_API_KEY");
  const reader = keptReader(call.platform.store);
  const key = await findApiKey(reader, account, region, value);
  if (!key?.enabled) throw new GatewayError("INVALID_API_KEY");
  const found = await findUsagePlan(reader, { account, region, apiId, stageName: call.stageName }, key.id);
  if (!found) throw new GatewayError("INVALID_API_KEY");
  const identity = contextMap(call.context, "identity");
  identity.set("apiKey", value);
  identity.set("apiKeyId", key.id);
  return { ...found, keyId: key.id };
}

/**
 * Holds a call against the buckets of its key, of its key and method, of the stage's method and of the account, and then against the key's quota.
 * Throws `GatewayError` (THROTTLED, QUOTA_EXCEEDED); a call that is refused counts for nothing.
 */
export async function holdLimits(
  call: Call,
  { plan, settings, methodName }: { plan: KeyedPlan | undefined; settings: StageThrottle; methodName: string },
): Promise<void> {
  const { platform, stage, stageName } = call;
  const { account, region, apiId } = stage;
  const place = JSON.stringify([apiId, stageName, methodName]);
  const buckets = [
    ...bucketOf(`plan ${plan?.plan.id} ${plan?.keyId}`, plan?.plan.throttle),
    ...bucketOf(`plan ${plan?.plan.id} ${plan?.keyId} ${place}`, plan?.methodThrottle[methodName]),
    ...bucketOf(`stage ${place}`, {
      rateLimit: settings.throttlingRateLimit,
      burstLimit: settings.throttlingBurstLimit,
    }),
    ...(platform.limits.enforced ? [{ key: `account ${account} ${region}`, throttle: ACCOUNT }] : []),
  ];
  const nowMs = platform.clock.now();
  if (!takeTokens(platform.store, buckets, nowMs)) throw new GatewayError("THROTTLED");
  if (plan?.plan.quota !== undefined) await countCall(call, plan, nowMs);
}

function bucketOf(key: string, settings: ThrottleSettings | undefined): { key: string; throttle: Throttle }[] {
  const { rateLimit, burstLimit } = settings ?? {};
  if (rateLimit === undefined && burstLimit === undefined) return [];
  // The SDK's default for a rate that was left out is 0, and for a burst too: what is not said is no limit.
  const rate = rateLimit ?? Number.POSITIVE_INFINITY;
  return [{ key, throttle: { rate, burst: burstLimit ?? Math.max(1, rate) } }];
}

/** In one unit, which is durable before the call goes on: a quota holds over restarts, to the call. */
async function countCall({ platform }: Call, { owned, keyId }: KeyedPlan, nowMs: number): Promise<void> {
  const isLeft = await platform.store.commit(async (unit) => {
    const remaining = await remainingQuota(unit, owned, keyId, nowMs);
    if (remaining !== undefined && remaining <= 0) return false;
    await countUsage(unit, owned, keyId, nowMs, 1);
    return true;
  });
  if (!isLeft) throw new GatewayError("QUOTA_EXCEEDED");
}
