import type { AttributeCondition, Expression } from "@aws-sdk/client-connect";
import type { Reader } from "../../store/store.ts";
import { type AgentConfiguration, getConfiguration } from "./agent-configuration.ts";
import type { Agent } from "./agents.ts";
import type { Contact, RoutingCriteria, RoutingStep } from "./contacts.ts";

/**
 * Routing criteria: steps that narrow down who may get a contact, one after the other from when the contact is queued. A step that
 * has run out makes way for the next one; after the last one any agent of the queue may take the contact.
 */

/** Begins the first step. */
export function activated(criteria: RoutingCriteria, atMs: number): RoutingCriteria {
  return { ...criteria, activationMs: atMs, steps: begin(criteria.steps, 0, atMs) };
}

/** The criteria as they are at a time: those of the same steps where none has run out since. */
export function advanced(criteria: RoutingCriteria, nowMs: number): RoutingCriteria {
  let { steps } = criteria;
  for (;;) {
    const at = steps.findIndex(({ status, expiresMs }) => status === "ACTIVE" && (expiresMs ?? Infinity) <= nowMs);
    const expired = steps[at];
    if (expired?.expiresMs === undefined) return steps === criteria.steps ? criteria : { ...criteria, steps };
    const done = steps.map((step, place) => (place === at ? { ...step, status: "EXPIRED" as const } : step));
    steps = begin(done, at + 1, expired.expiresMs);
  }
}

/** The step that holds for a contact at a time. `undefined`: any agent of the queue may take it. */
export function activeStep({ routingCriteria }: Contact, nowMs: number): RoutingStep | undefined {
  return routingCriteria && advanced(routingCriteria, nowMs).steps.find(({ status }) => status === "ACTIVE");
}

/** When the contact's present step runs out. */
export function nextStepMs({ routingCriteria }: Contact): number | undefined {
  return routingCriteria?.steps.find(({ status }) => status === "ACTIVE")?.expiresMs;
}

/** Whether the contact's present step lets an agent have it. */
export async function mayTake(reader: Reader, contact: Contact, agent: Agent, nowMs: number): Promise<boolean> {
  const expression = activeStep(contact, nowMs)?.expression;
  if (!expression) return true;
  const configuration = await getConfiguration(reader, agent, agent.state.configurationVersion);
  return holds(expression, agent.id, configuration);
}

/** Whether an expression holds for an agent. Pure. */
export function holds(expression: Expression, userId: string, configuration: AgentConfiguration): boolean {
  const { AttributeCondition, NotAttributeCondition, AndExpression, OrExpression } = expression;
  if (AttributeCondition) return matches(AttributeCondition, userId, configuration);
  if (NotAttributeCondition) return !matches(NotAttributeCondition, userId, configuration);
  if (AndExpression) return AndExpression.every((part) => holds(part, userId, configuration));
  if (OrExpression) return OrExpression.some((part) => holds(part, userId, configuration));
  return true;
}

function matches(condition: AttributeCondition, userId: string, { proficiencies }: AgentConfiguration): boolean {
  const ids = condition.MatchCriteria?.AgentsCriteria?.AgentIds;
  if (ids) return ids.includes(userId);

  const level = proficiencies.find(({ name, value }) => name === condition.Name && value === condition.Value)?.level;
  if (level === undefined) return false;
  if (condition.Range) {
    const { MinProficiencyLevel = 1, MaxProficiencyLevel = 5 } = condition.Range;
    return level >= MinProficiencyLevel && level <= MaxProficiencyLevel;
  }
  return level >= (condition.ProficiencyLevel ?? 1);
}

function begin(steps: readonly RoutingStep[], at: number, atMs: number): readonly RoutingStep[] {
  return steps.map((step, place) => {
    if (place !== at) return step;
    return {
      ...step,
      status: "ACTIVE",
      ...(step.seconds !== undefined && { expiresMs: atMs + step.seconds * 1_000 }),
    };
  });
}
