import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { relateContactByRule } from "../cases/index.ts";
import { resourceArn, startTask } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { fillerOf, instanceUrlOf } from "./action-texts.ts";
import { requireRoom, requireUrls } from "./check-actions.ts";
import type { OwedAction } from "./owed-action.ts";

/** The model's. */
const NAME_CHARACTERS_MAX = 512;
const DESCRIPTION_CHARACTERS_MAX = 4_096;

/** CREATE_TASK: a task that continues the contact, if there is one, whose attributes it shares by that. */
export async function createTask(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, ruleId, about, contact, caseId, action } = owed;
  const { Name = "", Description, ContactFlowId, References = {} } = action.TaskAction ?? {};
  const fill = await fillerOf(unit, owed);
  const page = pageOf(owed);
  const references = {
    ...(page !== undefined && {
      taskRef: { Type: "URL" as const, Value: `${await instanceUrlOf(unit, instance)}${page}` },
    }),
    ...Object.fromEntries(
      Object.entries(References).map(([name, reference]) => [
        name,
        { ...reference, Value: fill(reference.Value ?? "") },
      ]),
    ),
  };
  requireUrls(references, "References");
  requireRoom(references, "References");
  const id = derivedUuid(about, ruleId, "task");
  await startTask(unit, platform, instance, {
    id,
    nowMs: platform.clock.now(),
    input: {
      ...(contact && { PreviousContactId: contact.id }),
      ContactFlowId,
      Name: fill(Name).slice(0, NAME_CHARACTERS_MAX),
      ...(Description !== undefined && { Description: fill(Description).slice(0, DESCRIPTION_CHARACTERS_MAX) }),
      References: references,
    },
  });
  if (caseId !== undefined) await relateTask(unit, platform, owed, { taskId: id, caseId });
}

/** A task about a case is a related item of it (our choice). */
async function relateTask(
  unit: Unit,
  platform: Platform,
  { instance, ruleId, about }: OwedAction,
  { taskId, caseId }: { readonly taskId: string; readonly caseId: string },
): Promise<void> {
  try {
    await relateContactByRule(unit, platform, {
      instance,
      caseId,
      id: derivedUuid(about, ruleId, "task of case"),
      contactArn: resourceArn("contact", instance, taskId),
    });
  } catch (error) {
    // The case is gone, or has no room for more: nothing of it has been changed, and the task is there all the same.
    if (!(error instanceof ModeledError)) throw error;
  }
}

/** Where people see what the rule is about (our choice of paths: there are no such pages here). */
function pageOf({ source, contact }: OwedAction): string | undefined {
  if (source === "OnRealTimeCallAnalysisAvailable" || source === "OnMetricDataUpdate") return "/real-time-metrics";
  return contact && `/contact-trace-records/details/${contact.id}`;
}
