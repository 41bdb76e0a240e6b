import { resumeTask, updateContactData } from "../contact-transitions.ts";
import { routeContact } from "../routing.ts";
import { criteriaOf, stepsOf } from "../update-contact-routing-data.ts";
import { type ActionCode, FAILS, NEXT, numberParameter, objectAt, type Result, type Step } from "./step.ts";

/** Sets the contact's priority, or how much older or younger it counts. At once, also while it waits. */
export const UpdateContactRoutingBehavior: ActionCode = {
  begin: (step) => {
    const priority = numberParameter(step, "QueuePriority");
    const seconds = numberParameter(step, "QueueTimeAdjustmentSeconds");
    if (priority !== undefined) step.changeContact({ priority });
    if (seconds !== undefined) step.changeContact({ queueTimeAdjustmentMs: seconds * 1_000 });
    routeAfterwards(step);
    return NEXT;
  },
};

/** Narrows down who may get the contact, step by step from when it is queued. */
export const UpdateRoutingCriteria: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { unit, platform, contact, nowMs } = step;
    const { Steps: steps } = objectAt(step.parameters, "RoutingCriteria");
    if (!Array.isArray(steps) || steps.length === 0) return FAILS;
    const read = stepsOf({ Steps: steps.map(withNumbers) as Parameters<typeof stepsOf>[0]["Steps"] });
    const routingCriteria = criteriaOf(contact, read, nowMs);
    const changed = { ...contact, routingCriteria };
    step.contactIs(await updateContactData(unit, platform, changed, ["RoutingCriteria.Step.Status"]));
    routeAfterwards(step);
    return NEXT;
  },
};

/** Goes on with the task that is paused. What runs for a resumption by a request does not run for this one (our choice). */
export const ResumeContact: ActionCode = {
  begin: async (step): Promise<Result> => {
    if (step.contact.pauses?.sinceMs === undefined) return FAILS;
    step.contactIs(await resumeTask(step.unit, step.platform, step.contact));
    routeAfterwards(step);
    return NEXT;
  },
};

function routeAfterwards(step: Step): void {
  const { unit, platform } = step;
  step.afterwards(async () => {
    if (step.contact.state === "QUEUED") await routeContact(unit, platform, step.contact);
  });
}

/** Exports write numbers as texts. */
const NUMBERS: readonly string[] = [
  "ProficiencyLevel",
  "MinProficiencyLevel",
  "MaxProficiencyLevel",
  "DurationInSeconds",
];

function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      NUMBERS.includes(name) && typeof member === "string" ? Number(member) : withNumbers(member),
    ]),
  );
}
