/** Cases: what customers' matters become, from their opening to their closing, with the events that follow every change. */
import type { Service } from "../service.ts";
import { declareCaseChanges } from "./case-changes.ts";

export { CASE_CHANGES, type CaseChange, tellCaseChange } from "./case-changes.ts";
export { domainArn } from "./domain.ts";

export const cases: Service = {
  operations: { connectcases: {} },
  start: declareCaseChanges,
};
