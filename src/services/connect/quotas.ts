import type { Unit } from "../../store/store.ts";
import { type Counted, countUpTo } from "../count-up-to.ts";
import { guardRange } from "../range-guard.ts";
import type { Limit, Limits } from "../service.ts";

/** "Amazon Connect service quotas" of the administrator guide. */
export const QUOTA_PAGE = "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html";

/** Counts per account and instance that hold with `--enforce-limits`: defaults of the quota page. */
const QUOTAS = {
  "connect.instances-per-region": 2,
  "connect.queues-per-instance": 100,
  "connect.contacts-per-agent-queue": 10,
  "connect.quick-connects-per-instance": 100,
  "connect.lambda-functions-per-instance": 50,
  "connect.routing-profiles-per-instance": 500,
  "connect.hours-of-operation-per-instance": 100,
  "connect.flows-per-instance": 100,
  "connect.users-per-instance": 500,
  "connect.security-profiles-per-instance": 100,
  "connect.hierarchy-groups-per-instance": 500,
  "connect.predefined-attributes-per-instance": 128,
  "connect.flow-modules-per-instance": 200,
  "connect.phone-numbers-per-instance": 5,
  "connect.concurrent-calls-per-instance": 10,
  "connect.concurrent-chats-per-instance": 500,
  "connect.concurrent-tasks-per-instance": 2_500,
  "connect.concurrent-emails-per-instance": 1_000,
  "connect.rules-per-instance-and-event-source": 500,
  "connect.metric-rules-per-instance": 100,
  "connect.natural-language-rules-per-instance-and-event-source": 100,
  "connect.natural-language-email-rules-per-instance": 15,
  "connect.rule-mails-per-instance-and-day": 500,
} as const;

export type Quota = keyof typeof QUOTAS;

/** The same as limits that can be changed by name. */
export const quotaLimits: readonly Limit[] = Object.entries(QUOTAS).map(([name, value]) => ({
  name,
  default: value,
  meaning: meaningOf(name),
  source: QUOTA_PAGE,
}));

/** "Flows per instance" of `connect.flows-per-instance`. */
function meaningOf(name: string): string {
  const words = name.slice(name.indexOf(".") + 1).replaceAll("-", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** How many a quota allows. `undefined`: any number, since quotas do not hold. */
export function quotaOf(limits: Limits, quota: Quota): number | undefined {
  return limits.enforced ? limits.value(quota, QUOTAS[quota]) : undefined;
}

/** Whether a quota is used up: as many documents are there as it allows. Their prefix begins with account and Region. */
export async function quotaReached<T>(unit: Unit, limits: Limits, quota: Quota, counted: Counted<T>): Promise<boolean> {
  const allowed = quotaOf(limits, quota);
  if (allowed === undefined) return false;
  await guardRange(unit, `${counted.prefix}${counted.collection.name}`);
  return countReaches(unit, counted, allowed);
}

/** Whether at least `count` documents are there. Who decides on it guards the range. */
export async function countReaches<T>(unit: Unit, counted: Counted<T>, count: number): Promise<boolean> {
  return (await countUpTo(unit, counted, count)) >= count;
}
