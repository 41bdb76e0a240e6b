import { rateLimits, refusingAsModeled, throttled } from "../connect/index.ts";
import { openKeptLog } from "../kept-log.ts";
import type { Handler, Service } from "../service.ts";
import { doActions } from "./act.ts";
import { createRule } from "./create-rule.ts";
import { followAnalyses } from "./follow-analyses.ts";
import { followCases } from "./follow-cases.ts";
import { followIntegrations } from "./follow-integrations.ts";
import { followOccasions } from "./follow-occasions.ts";
import { RULE_INPUTS } from "./history.ts";
import { deliverMails } from "./mails.ts";
import { evaluateMetrics, METRIC_RULE_SECONDS } from "./metric-rules.ts";
import { RuleSets } from "./rule-sets.ts";
import { deleteRule, describeRule, listRules, searchRules } from "./rules.ts";
import { updateRule } from "./update-rule.ts";

export { backtest } from "./backtest.ts";
export type { BacktestLine, BacktestMatch, BacktestResult } from "./backtest-lines.ts";
export { backtestedRule } from "./backtested-rule.ts";
export { explainSample } from "./explain-sample.ts";
export { type ExplainedSubject, explainSubject } from "./explain-subject.ts";
export { keptConversation } from "./history.ts";
export { ruleLanguages } from "./languages.ts";
export type { MailServer } from "./mail-server.ts";
export { findMail, listMails, type Mail } from "./mails.ts";

const operations: Readonly<Record<string, Handler>> = {
  CreateRule: createRule,
  DescribeRule: describeRule,
  UpdateRule: updateRule,
  DeleteRule: deleteRule,
  ListRules: listRules,
  SearchRules: searchRules,
};

/** Connect rules: what is to happen when something is true of what an event source tells. */
export const rules: Service = {
  operations: { connect: throttled(refusingAsModeled(operations)) },
  limits: [...rateLimits(Object.keys(operations)), METRIC_RULE_SECONDS],

  async start(platform) {
    await openKeptLog(platform.store, RULE_INPUTS);
    platform.flow.metrics.describe("trunkline_backtests_total", "Backtests that have ended, by outcome.");
    doActions(platform);
    deliverMails(platform);
    const evaluation = { platform, sets: new RuleSets(platform.store) };
    followAnalyses(evaluation);
    followOccasions(evaluation);
    followIntegrations(evaluation);
    followCases(evaluation);
    evaluateMetrics(evaluation);
  },
};
