import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { instanceArn, parseResourceId, refOf, resourceArn } from "./arns.ts";
import { type ContactEvaluation, contactEvaluations, evaluatedForms } from "./contact-evaluations.ts";
import { changeTimeMs, storeContact } from "./contact-transitions.ts";
import { findContact } from "./contacts.ts";
import { evaluationExport } from "./evaluation-export.ts";
import { resourceKey } from "./instance-resources.ts";
import { dayFolder, findFileFolder, oweFile, writeFilesBy } from "./owed-files.ts";
import { users } from "./users.ts";

interface ExportOrder {
  /** As it was submitted. */
  readonly evaluation: ContactEvaluation;
}

/** Owes the file of an evaluation that is being submitted, where the instance keeps such files. */
export async function oweEvaluationExport(
  unit: Unit,
  platform: Platform,
  evaluation: ContactEvaluation,
): Promise<void> {
  const folder = await findFileFolder(unit, evaluation, "CONTACT_EVALUATIONS");
  if (!folder) return;
  await oweFile<ExportOrder>(unit, platform, refOf(evaluation), {
    kind: "evaluation",
    id: derivedUuid(evaluation.instanceId, evaluation.id, "export", String(evaluation.submissions)),
    bucket: folder.bucket,
    key: `${folder.prefix}${nameOf(evaluation)}`,
    order: { evaluation },
  });
}

/** `Evaluations/2026/03/03/10:15:30.123Z-EVALUATION.json`, with the time of its submission. */
function nameOf({ id, lastModifiedMs }: ContactEvaluation): string {
  const time = new Date(lastModifiedMs).toISOString().slice("2026-03-03T".length);
  return `Evaluations/${dayFolder(lastModifiedMs)}/${time}-${id}.json`;
}

/**
 * Writes the files that submissions owe. The contact tells where that of its last one lies, in the commit in which it is there; where a
 * bucket does not take it, an event tells.
 */
export function writeEvaluationExports(platform: Platform): void {
  writeFilesBy<ExportOrder>(
    platform,
    "evaluation",
    async (_instance, { evaluation }, location) => {
      const form = await platform.store.get(evaluatedForms, resourceKey(evaluation));
      // Deleted since.
      if (!form) return undefined;
      const file = evaluationExport(evaluation, form.content, await evaluatorOf(platform, evaluation));
      return { text: JSON.stringify(file), alongside: (unit) => tellLocation(unit, platform, evaluation, location) };
    },
    (unit, { evaluation }, failure) => tellFailure(unit, platform, evaluation, failure),
  );
}

/** The user's name; of others, their ARN as they have called. */
async function evaluatorOf(platform: Platform, evaluation: ContactEvaluation): Promise<string> {
  const { evaluatorArn } = evaluation;
  const id = parseResourceId("user", evaluation, evaluatorArn);
  const user = id === undefined ? undefined : await platform.store.get(users, resourceKey({ ...evaluation, id }));
  return user?.name ?? evaluatorArn.slice(evaluatorArn.indexOf("/agent/") + "/agent/".length);
}

async function tellLocation(
  unit: Unit,
  platform: Platform,
  { formId, ...evaluation }: ContactEvaluation,
  exportLocation: string,
): Promise<void> {
  const stored = await unit.get(contactEvaluations, resourceKey(evaluation));
  const contact = await findContact(unit, evaluation, evaluation.contactId, platform.clock.now());
  const told = contact?.evaluations?.[formId];
  // A later submission tells of its own, and what was written again after a crash is told already.
  if (!contact || told?.evaluationId !== evaluation.id || stored?.submissions !== evaluation.submissions) return;
  if (told.exportLocation === exportLocation) return;
  const evaluations = { ...contact.evaluations, [formId]: { ...told, exportLocation } };
  await storeContact(unit, platform, { ...contact, evaluations, lastUpdateMs: changeTimeMs(platform, contact) }, []);
}

/** The event's name is documented, what it says is our choice. */
async function tellFailure(
  unit: Unit,
  platform: Platform,
  evaluation: ContactEvaluation,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<void> {
  const evaluationArn = resourceArn("contactEvaluation", evaluation, evaluation.id);
  await putServiceEvent(unit, platform, {
    account: evaluation.account,
    region: evaluation.region,
    source: "aws.connect",
    detailType: "Contact Lens Evaluation Export Failed",
    resources: [instanceArn(evaluation), evaluationArn],
    timeMs: platform.clock.now(),
    key: evaluation.contactId,
    id: derivedUuid(evaluation.instanceId, evaluation.id, "export-failed", String(evaluation.submissions)),
    detail: {
      version: "1.0",
      instanceArn: instanceArn(evaluation),
      contactArn: resourceArn("contact", evaluation, evaluation.contactId),
      evaluationArn,
      evaluationFormArn: resourceArn("evaluationForm", evaluation, evaluation.formId),
      reasonCode: code,
      error: message,
    },
  });
}
