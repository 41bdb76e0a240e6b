/**
 * What a rule does beside assigning its category. Each action is sent to a sink of our own, which does it in the unit in which the rule was
 * found to be true: so it happens once. One that is refused becomes a delivery if it may succeed later, and is told of in the end; it stops no
 * other.
 *
 *     rule is true ─► action ─┬─► done, in the same unit
 *                             └─► refused ─► tried again, up to three times ─► Amazon Connect Rules Action Execution Failed
 */

import type { SinkFailure } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import type { RuleActionType } from "./action-table.ts";
import { assignSla, createCase, NOT_READY, updateCase } from "./change-cases.ts";
import { countMatch } from "./count.ts";
import { createTask } from "./create-task.ts";
import { endAssociatedEmails, endAssociatedTasks } from "./end-associated.ts";
import { recordAct } from "./history.ts";
import type { Occurrence } from "./occurrence.ts";
import { type Attempted, attemptedOf, type OwedAction, owe, owedAction, PRINCIPAL } from "./owed-action.ts";
import { tellFailure, tellMatch } from "./rule-events.ts";
import { sendInAppNotification } from "./send-in-app-notification.ts";
import { sendNotification } from "./send-notification.ts";
import { submitAutoEvaluation } from "./submit-auto-evaluation.ts";

type Perform = (unit: Unit, platform: Platform, owed: OwedAction) => Promise<void>;

/** Each throws a `ModeledError` before it has changed anything, or does all of it. */
const PERFORM: Readonly<Partial<Record<RuleActionType, Perform>>> = {
  GENERATE_EVENTBRIDGE_EVENT: tellMatch,
  CREATE_TASK: createTask,
  SEND_NOTIFICATION: sendNotification,
  SEND_IN_APP_NOTIFICATION: sendInAppNotification,
  SUBMIT_AUTO_EVALUATION: submitAutoEvaluation,
  CREATE_CASE: createCase,
  UPDATE_CASE: updateCase,
  ASSIGN_SLA: assignSla,
  END_ASSOCIATED_TASKS: endAssociatedTasks,
  END_ASSOCIATED_EMAILS: endAssociatedEmails,
};

/** Does the actions of a rule in their order. Categories are assigned by whoever evaluates. */
export async function act(unit: Unit, platform: Platform, occurrence: Occurrence): Promise<void> {
  countMatch(unit, platform, occurrence.instance, occurrence.rule.id);
  for (const action of occurrence.rule.actions) {
    const owed = owedAction(occurrence, action);
    if (!PERFORM[owed.actionType]) {
      await recordAct(unit, platform, attemptedOf(owed), "done");
      continue;
    }
    const id = derivedUuid(owed.about, owed.ruleId, "action", owed.actionType);
    await owe(unit, platform, ["rule-action", owed.actionType], { id, body: owed, attempted: attemptedOf(owed) });
  }
}

/** Declares the sinks that do actions, and that tell of those which failed. */
export function doActions(platform: Platform): void {
  platform.flow.sink("connect", "rule-action/", {
    async append(unit, _arn, requests) {
      const outcomes: (SinkFailure | undefined)[] = [];
      for (const { principal, body } of requests) {
        outcomes.push(principal === PRINCIPAL ? await attempt(unit, platform, JSON.parse(body)) : NOT_OURS);
      }
      return outcomes;
    },
  });
  platform.flow.sink("connect", "rule-failure", {
    async append(unit, _arn, requests) {
      for (const { principal, body, attributes = {} } of requests) {
        if (principal !== PRINCIPAL) continue;
        const { ERROR_CODE: code = "", ERROR_MESSAGE: message = "", EXHAUSTED_RETRY_CONDITION: exhausted } = attributes;
        const failure = { code, message, retryable: exhausted !== undefined };
        const attempted = JSON.parse(body) as Attempted;
        await recordAct(unit, platform, attempted, "failed", failure);
        await tellFailure(unit, platform, attempted, failure);
      }
      return requests.map(({ principal }) => (principal === PRINCIPAL ? undefined : NOT_OURS));
    },
  });
}

const NOT_OURS: SinkFailure = { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };

/** What may be otherwise some seconds later. All else is refused for what the action asks, and would be again. */
const PASSING: readonly string[] = [
  "ThrottlingException",
  "ServiceQuotaExceededException",
  "LimitExceededException",
  "InternalServiceException",
  NOT_READY,
];

async function attempt(unit: Unit, platform: Platform, owed: OwedAction): Promise<SinkFailure | undefined> {
  try {
    await PERFORM[owed.actionType]?.(unit, platform, owed);
    await recordAct(unit, platform, attemptedOf(owed), "done");
    return undefined;
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    const failure = { code: error.code, message: error.message, retryable: PASSING.includes(error.code) };
    if (failure.retryable) await recordAct(unit, platform, attemptedOf(owed), "held-back", failure);
    return failure;
  }
}
