import { ModeledError } from "../../models/modeled-error.ts";
import { type CallRate, callRateLimits, type RatedCall, takeCall } from "../call-rates.ts";
import type { Handler, Limit } from "../service.ts";
import { QUOTA_PAGE } from "./quotas.ts";

/** Of what is configured, and of what the quota page says nothing about. */
const DEFAULT_RATE: CallRate = { perSecond: 2, burst: 5 };
const CASE_RATE: CallRate = { perSecond: 2, burst: 10 };
const BATCH_RATE: CallRate = { perSecond: 8, burst: 25 };
const GET_RATE: CallRate = { perSecond: 6, burst: 20 };
const CHANGE_RATE: CallRate = { perSecond: 2, burst: 2 };

/** Requests of one account in one Region (quota page, "Cases API throttling"). */
const RATES: Readonly<Record<string, CallRate>> = {
  CreateCase: CASE_RATE,
  SearchCases: CASE_RATE,
  ListTemplates: CASE_RATE,
  ListLayouts: CASE_RATE,
  CreateRelatedItem: CASE_RATE,
  SearchRelatedItems: CASE_RATE,
  ListCaseRules: CASE_RATE,
  TagResource: CASE_RATE,
  UntagResource: CASE_RATE,
  ListTagsForResource: CASE_RATE,
  GetCaseAuditEvents: CASE_RATE,
  GetCaseEventConfiguration: CASE_RATE,
  PutCaseEventConfiguration: CASE_RATE,
  GetCase: { perSecond: 4, burst: 10 },
  UpdateCase: CHANGE_RATE,
  ListCasesForContact: CHANGE_RATE,
  BatchGetField: BATCH_RATE,
  BatchGetCaseRule: BATCH_RATE,
  ListFieldOptions: { perSecond: 6, burst: 16 },
  GetTemplate: GET_RATE,
  GetLayout: GET_RATE,
};

/** The same handlers; with `--enforce-limits` each refuses what comes faster than its rate. */
export function throttled(operations: Readonly<Record<string, Handler>>): Readonly<Record<string, Handler>> {
  const wrapped = Object.entries(operations).map(([name, handle]): [string, Handler] => [
    name,
    async (input, context) => {
      const { limits, account, region } = context;
      if (limits.enforced && !takeCall(rated(name), `${account}/${region}`, context)) {
        throw new ModeledError("ThrottlingException", "Rate exceeded");
      }
      return handle(input, context);
    },
  ]);
  return Object.fromEntries(wrapped);
}

/** The limits by which the rates of these operations can be changed. */
export function rateLimits(operations: readonly string[]): Limit[] {
  return [...operations].sort().flatMap((name) => callRateLimits(rated(name), "an account in a Region", QUOTA_PAGE));
}

function rated(operation: string): RatedCall {
  return { service: "cases", operation, rate: RATES[operation] ?? DEFAULT_RATE };
}
