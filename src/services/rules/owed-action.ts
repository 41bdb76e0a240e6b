import type { JsonObject } from "../../matching/machine.ts";
import type { Unit } from "../../store/store.ts";
import { contactQueueArn, type InstanceRef, type Rule, refOf, resourceArn } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import type { Occurrence } from "./occurrence.ts";
import type { BuiltSource } from "./sources.ts";

export type Action = Rule["actions"][number];

/** An action of a rule that was found to be true, with all that it takes, as plain JSON: it may be tried again later. */
export interface OwedAction extends Attempted {
  readonly ruleName: string;
  readonly contact?: { readonly id: string; readonly agentArn?: string; readonly queueArn?: string } | undefined;
  readonly document: JsonObject;
  readonly resources: readonly string[];
  readonly evaluation?: Occurrence["evaluation"];
  /** Ids of the rules that led to it, that of its own the last. */
  readonly byRules: readonly string[];
  readonly action: Action;
}

/** What is told of an action that failed. */
export interface Attempted {
  readonly instance: InstanceRef;
  readonly ruleId: string;
  readonly source: BuiltSource;
  readonly about: string;
  readonly actionType: NonNullable<Action["ActionType"]>;
  /** Of a contact, if the rule is about one: events of one contact stay in order. */
  readonly contactId?: string | undefined;
  readonly caseId?: string | undefined;
  /** Which of several things the action makes or needs: the address of a mail, the form of an evaluation. */
  readonly part?: string | undefined;
}

export function owedAction(occurrence: Occurrence, action: Action): OwedAction {
  const { rule, source, about, contact, caseId, document, resources = [], evaluation, byRules = [] } = occurrence;
  const instance = refOf(occurrence.instance);
  const { agent, queue } = contact ?? {};
  return {
    instance,
    ruleId: rule.id,
    source,
    about,
    actionType: action.ActionType ?? "ASSIGN_CONTACT_CATEGORY",
    contactId: contact?.id,
    caseId,
    part: action.SubmitAutoEvaluationAction?.EvaluationFormId,
    ruleName: rule.name,
    contact: contact && {
      id: contact.id,
      ...(agent && { agentArn: resourceArn("user", instance, agent.id) }),
      ...(queue && { queueArn: contactQueueArn(contact, queue) }),
    },
    document,
    resources,
    evaluation,
    byRules: [...byRules, rule.id],
    action,
  };
}

/** Nobody but us may order actions: a rule of EventBridge can have any ARN as its target. */
export const PRINCIPAL = "connect.amazonaws.com";

/** "Retries before giving up: 3, exponential, only for retryable failures" (our choice). */
const RETRIES_MAX = 3;

/** A case waits for its contact's record, which comes when the agent has done with the contact: retries for some eight minutes (our choice). */
const RETRIES_OF_CASE_MAX = 8;

/** A place of ours that takes what rules order. `kind` and what follows it make a lane: one that fails holds up no other. */
export type Lane = readonly ["rule-action" | "rule-mail", ...string[]];

/**
 * Owes something to one of our own sinks, in a unit: what is inside is done in this very unit. What fails is tried again if that may help, and
 * is then told as a failed action.
 */
export async function owe(
  unit: Unit,
  platform: Platform,
  lane: Lane,
  { id, body, attempted }: { readonly id: string; readonly body: object; readonly attempted: Attempted },
): Promise<void> {
  const { account, region, instanceId } = attempted.instance;
  const arnOf = (resource: string): string => `arn:aws:connect:${region}:${account}:${resource}`;
  const ruleArn = resourceArn("rule", attempted.instance, attempted.ruleId);
  const [kind, ...rest] = lane;
  await platform.flow.send(unit, [
    {
      targetArn: arnOf([kind, instanceId, ...rest].join("/")),
      request: { deliveryId: id, body: JSON.stringify(body), account, principal: PRINCIPAL, sourceArn: ruleArn },
      event: JSON.stringify(attempted),
      ruleArn,
      deadLetterArn: arnOf("rule-failure"),
      retryAttemptsMax: attempted.actionType === "CREATE_CASE" ? RETRIES_OF_CASE_MAX : RETRIES_MAX,
      timeMs: platform.clock.now(),
    },
  ]);
}

/** An action without what it takes. */
export function attemptedOf(attempted: Attempted): Attempted {
  const { instance, ruleId, source, about, actionType, contactId, caseId, part } = attempted;
  return { instance, ruleId, source, about, actionType, contactId, caseId, part };
}

/** What an action is about, and is explained by: a contact, a case, or whatever else has an id. */
export function subjectOf({ contactId, caseId, about }: Attempted): string {
  return contactId ?? caseId ?? about;
}
