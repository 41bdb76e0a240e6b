import type { Expression, UpdateContactRoutingDataRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { changeTimeMs, storeContact, updateContactData } from "./contact-transitions.ts";
import { type Contact, getContact, type RoutingCriteria, type RoutingStep } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { routeContact } from "./routing.ts";
import { activated } from "./routing-criteria.ts";

/** Steps of routing criteria, and how deep their expressions nest. */
const STEPS_MAX = 5;
const NESTING_MAX = 3;

/** Changes how a contact that no agent has yet is routed: its priority, its age, and who may get it. */
export async function updateContactRoutingData(
  input: Validated<UpdateContactRoutingDataRequest>,
  context: Context,
): Promise<Record<string, never>> {
  if (input.QueuePriority !== undefined && input.QueueTimeAdjustmentSeconds !== undefined) {
    throw invalidParameter("QueuePriority and QueueTimeAdjustmentSeconds cannot both be specified");
  }
  const steps = input.RoutingCriteria && stepsOf(input.RoutingCriteria);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    if (contact.state === "CONNECTED_TO_AGENT" || contact.state === "DISCONNECTED" || contact.offer) {
      throw new ModeledError("ResourceConflictException", `Contact ${contact.id} waits for no agent any more`);
    }
    const atMs = changeTimeMs(context, contact);
    const changed: Contact = {
      ...contact,
      priority: input.QueuePriority ?? contact.priority,
      queueTimeAdjustmentMs:
        input.QueueTimeAdjustmentSeconds === undefined
          ? contact.queueTimeAdjustmentMs
          : input.QueueTimeAdjustmentSeconds * 1_000,
      routingCriteria: steps ? criteriaOf(contact, steps, atMs) : contact.routingCriteria,
      lastUpdateMs: atMs,
    };
    const updated = steps
      ? await updateContactData(unit, context, changed, ["RoutingCriteria.Step.Status"])
      : await storeContact(unit, context, changed, []);
    await routeContact(unit, context, updated);
  });
  return {};
}

/** Criteria of a contact that waits begin at once; others when it is queued. */
export function criteriaOf(contact: Contact, steps: readonly RoutingStep[], atMs: number): RoutingCriteria | undefined {
  if (steps.length === 0) return undefined;
  const index = contact.routingCriteria ? contact.routingCriteria.index + 1 : 0;
  const criteria: RoutingCriteria = { activationMs: atMs, index, steps };
  return contact.state === "QUEUED" ? activated(criteria, atMs) : criteria;
}

export function stepsOf({
  Steps = [],
}: NonNullable<Validated<UpdateContactRoutingDataRequest>["RoutingCriteria"]>): RoutingStep[] {
  if (Steps.length > STEPS_MAX) throw invalidParameter(`Routing criteria have at most ${STEPS_MAX} steps`);
  return Steps.map(({ Expiry, Expression: expression }, place) => {
    const seconds = Expiry?.DurationInSeconds;
    if (seconds === undefined && place < Steps.length - 1) {
      throw invalidParameter("Only the last step of routing criteria may do without an expiry");
    }
    if (seconds !== undefined && seconds < 1) throw invalidParameter("A step lasts at least a second");
    if (expression) requireExpression(expression as Expression, NESTING_MAX);
    return { status: "INACTIVE", expression: expression as Expression | undefined, seconds };
  });
}

function requireExpression(expression: Expression, levels: number): void {
  if (levels === 0) throw invalidParameter(`Expressions nest at most ${NESTING_MAX} deep`);
  if (Object.values(expression).filter((member) => member !== undefined).length !== 1) {
    throw invalidParameter("An expression has exactly one member");
  }
  for (const part of [...(expression.AndExpression ?? []), ...(expression.OrExpression ?? [])]) {
    requireExpression(part, levels - 1);
  }
}
