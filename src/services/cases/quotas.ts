import type { ModeledError } from "../../models/modeled-error.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { type Counted, countUpTo } from "../count-up-to.ts";
import { guardRange } from "../range-guard.ts";
import type { Context, Limit, Limits } from "../service.ts";
import { type Domain, domainKey, domains } from "./domain.ts";
import { quotaExceeded } from "./errors.ts";

/** "Amazon Connect service quotas" of the administrator guide, "Cases". */
export const QUOTA_PAGE = "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html";

type Quota =
  | "cases.domains"
  | "cases.fields-per-domain"
  | "cases.deleted-fields-per-domain"
  | "cases.options-per-field"
  | "cases.layouts-per-domain"
  | "cases.deleted-layouts-per-domain"
  | "cases.fields-per-layout"
  | "cases.templates-per-domain"
  | "cases.deleted-templates-per-domain"
  | "cases.case-rules-per-domain"
  | "cases.related-items-per-case"
  | "cases.files-per-case"
  | "cases.slas-per-case"
  | "cases.fields-per-custom-related-item";

/** Counts that hold with `--enforce-limits`, but for what the real service does not raise either. */
const QUOTAS: Readonly<Record<Quota, Omit<Limit, "name">>> = {
  "cases.domains": { default: 5, meaning: "Domains of an account in a Region", source: QUOTA_PAGE },
  "cases.fields-per-domain": { default: 500, meaning: "Custom fields of a domain", source: QUOTA_PAGE },
  "cases.deleted-fields-per-domain": deleted("Deleted fields of a domain", "DeleteField"),
  "cases.options-per-field": { default: 500, meaning: "Options of a single-select field", source: QUOTA_PAGE },
  "cases.layouts-per-domain": { default: 100, meaning: "Layouts of a domain", source: QUOTA_PAGE },
  "cases.deleted-layouts-per-domain": deleted("Deleted layouts of a domain", "DeleteLayout"),
  "cases.fields-per-layout": { default: 100, meaning: "Fields of a layout", source: QUOTA_PAGE, always: true },
  "cases.templates-per-domain": { default: 100, meaning: "Templates of a domain", source: QUOTA_PAGE },
  "cases.deleted-templates-per-domain": deleted("Deleted templates of a domain", "DeleteTemplate"),
  "cases.case-rules-per-domain": { default: 500, meaning: "Case rules of a domain", source: "our choice" },
  "cases.related-items-per-case": { default: 200, meaning: "Related items of a case", source: QUOTA_PAGE },
  "cases.files-per-case": { default: 50, meaning: "Files of a case", source: QUOTA_PAGE },
  // Each change of a case's status looks at all of them.
  "cases.slas-per-case": { default: 10, meaning: "Service levels of a case", source: QUOTA_PAGE, always: true },
  "cases.fields-per-custom-related-item": {
    default: 5,
    meaning: "Fields of a custom related item",
    source: QUOTA_PAGE,
  },
};

/** "You can delete up to 100 … per domain." */
function deleted(meaning: string, operation: string): Omit<Limit, "name"> {
  const source = `https://docs.aws.amazon.com/connect/latest/APIReference/API_connect-cases_${operation}.html`;
  return { default: 100, meaning, source };
}

/** The same as limits that can be changed by name. */
export const quotaLimits: readonly Limit[] = Object.entries(QUOTAS).map(([name, entry]) => ({ name, ...entry }));

/** How many a quota allows. `undefined`: any number, since it does not hold. */
export function quotaOf(limits: Limits, quota: Quota): number | undefined {
  const entry = QUOTAS[quota];
  return limits.enforced || entry.always ? limits.value(quota, entry.default) : undefined;
}

/** What of a domain a quota counts. */
export type CountedInDomain<T> = Counted<T> & {
  readonly quota: Quota;
  /** As many of them do not count. */
  readonly free?: number;
  /** The error of an operation that models no `ServiceQuotaExceededException`. */
  readonly refuse?: (message: string) => ModeledError;
};

/** Throws `ServiceQuotaExceededException`, or what the quota is refused with, where a domain can have no more of something. */
export async function requireRoom<T>(
  unit: Unit,
  { limits }: Context,
  domain: Domain,
  counted: CountedInDomain<T>,
): Promise<void> {
  if ((await roomLeft(unit, limits, domain, counted)) <= 0) throw beyond(counted.quota, limits, counted.refuse);
}

/** How many more of something a domain can have. */
export async function roomLeft<T>(
  unit: Unit,
  limits: Limits,
  domain: Domain,
  { quota, free = 0, refuse: _, ...counted }: CountedInDomain<T>,
): Promise<number> {
  const allowed = quotaOf(limits, quota);
  if (allowed === undefined) return Number.POSITIVE_INFINITY;
  // All who put something into a domain read its document: written, it guards what they count.
  unit.put(domains, domainKey(domain, domain.domainId), domain);
  return allowed + free - (await countUpTo(unit, counted, allowed + free));
}

/** Throws `ServiceQuotaExceededException` where an account can have no more domains in a Region. */
export async function requireRoomForDomain(unit: Unit, { account, region, limits }: Context): Promise<void> {
  const allowed = quotaOf(limits, "cases.domains");
  if (allowed === undefined) return;
  const prefix = compositeKey(account, region, "");
  await guardRange(unit, `${prefix}${domains.name}`);
  const counted = await countUpTo(unit, { collection: domains, prefix }, allowed);
  if (counted >= allowed) throw beyond("cases.domains", limits);
}

/** The error for one more than a quota allows. */
export function beyond(
  quota: Quota,
  limits: Limits,
  refuse: (message: string) => ModeledError = quotaExceeded,
): ModeledError {
  const { meaning } = QUOTAS[quota];
  return refuse(`Quota exceeded: ${meaning}, at most ${quotaOf(limits, quota)}`);
}
