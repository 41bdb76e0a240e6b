/** What is kept of API keys, usage plans, and how much of their quotas is used. */
import type { ApiKey, UsagePlan } from "@aws-sdk/client-api-gateway";
import { type Collection, collection, compositeKey } from "../../../store/store.ts";
import type { With } from "../with.ts";

export interface ApiKeyDocument {
  readonly account: string;
  readonly region: string;
  readonly key: Omit<With<ApiKey, "id" | "value" | "enabled">, "createdDate" | "lastUpdatedDate">;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface UsagePlanDocument {
  readonly account: string;
  readonly region: string;
  readonly plan: With<UsagePlan, "id" | "name">;
}

/** That a key is of a plan. */
export interface UsagePlanKeyDocument {
  readonly account: string;
  readonly region: string;
  readonly planId: string;
  readonly keyId: string;
}

export const apiKeys: Collection<ApiKeyDocument> = collection<ApiKeyDocument>("apigateway_api_keys", {
  /** A value is used once in an account and Region. */
  value: { type: "text", unique: true, value: ({ account, region, key }) => compositeKey(account, region, key.value) },
});

export const usagePlans: Collection<UsagePlanDocument> = collection("apigateway_usage_plans");

export const usagePlanKeys: Collection<UsagePlanKeyDocument> = collection<UsagePlanKeyDocument>(
  "apigateway_usage_plan_keys",
  {
    key: {
      type: "text",
      value: ({ account, region, keyId, planId }) => compositeKey(account, region, keyId, planId),
    },
  },
);

/** The id of an API key or of a usage plan. */
export function ownedKey({ account, region }: { account: string; region: string }, id: string): string {
  return compositeKey(account, region, id);
}

/** The id of a plan's key. */
export function planKeyKey(owner: { account: string; region: string }, planId: string, keyId: string): string {
  return compositeKey(owner.account, owner.region, planId, keyId);
}
