/**
 * Rules on cases: follows the log of their changes, and evaluates the published rules of the instance that the Cases domain belongs to, in the
 * unit that moves its cursor. So a rule acts once on each change, whatever dies when.
 */
import type { Entry, Unit } from "../../store/store.ts";
import { CASE_CHANGES, type CaseChange, domainArn } from "../cases/index.ts";
import { hasEventSource, instanceOfCasesDomain } from "../connect/index.ts";
import { act } from "./act.ts";
import { caseFacts } from "./case-facts.ts";
import type { Evaluation } from "./follow-analyses.ts";
import { recordInput } from "./history.ts";
import { isFor } from "./replay.ts";
import { ruleRevision } from "./rule-versions.ts";

export function followCases(evaluation: Evaluation): void {
  evaluation.platform.flow.consume({
    name: "rules",
    log: CASE_CHANGES,
    async handle(unit, entries) {
      for (const entry of entries) await evaluateChange(unit, evaluation, entry);
    },
  });
}

const SOURCES = { created: "OnCaseCreate", updated: "OnCaseUpdate", "sla-breached": "OnSlaBreach" } as const;

async function evaluateChange(unit: Unit, { platform, sets }: Evaluation, { value, sequence }: Entry): Promise<void> {
  const change = JSON.parse(String(value)) as CaseChange;
  const { account, region, caseId, byRules = [], kind } = change;
  const instance = await instanceOfCasesDomain(unit, { account, region, arn: domainArn(change) });
  if (!instance || (change.onlyAsEvent && !(await hasEventSource(unit, instance, "CASES")))) return;
  const source = SOURCES[kind];
  // The changes of one case lie in one partition, where each has a number of its own.
  const about = `${caseId}/${sequence}`;
  const revision = await ruleRevision(unit, instance);
  const document = caseFacts(change);
  const input = { kind: "document", instance, subject: caseId, revision, source, about, byRules, document } as const;
  await recordInput(unit, platform, input);
  const set = await sets.of(unit, instance, source);
  for (const { rule } of set.match(document, [], () => undefined)) {
    if (isFor(rule, input)) await act(unit, platform, { rule, source, instance, about, caseId, byRules, document });
  }
}
