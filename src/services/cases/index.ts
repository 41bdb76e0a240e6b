import type { Service } from "../service.ts";
import { declareCaseChanges } from "./case-changes.ts";

export { CASE_CHANGES, type CaseChange, domainArn, tellCaseChange } from "./case-changes.ts";

/** Cases: by now only the log by which rules hear of them. None of its operations is built. */
export const cases: Service = {
  operations: {},
  start: declareCaseChanges,
};
