/**
 * Rules on what happens to contacts beside their conversations: follows the log of occasions and evaluates an instance's published rules, in
 * the unit that moves its cursor. So a rule acts once on each, whatever dies when.
 */
import type { Unit } from "../../store/store.ts";
import { attributesOf, contactTags, findContact, OCCASIONS, type Occasion, refOf } from "../connect/index.ts";
import { act } from "./act.ts";
import { contactFacts, factDocument } from "./contact-facts.ts";
import { evaluationFacts } from "./evaluation-facts.ts";
import type { Evaluation } from "./follow-analyses.ts";
import { recordInput } from "./history.ts";
import { mailTexts } from "./mail-texts.ts";
import { onDocument } from "./replay.ts";
import { EVALUATION_TAGS } from "./rule-set.ts";
import { ruleRevision } from "./rule-versions.ts";

export function followOccasions(evaluation: Evaluation): void {
  evaluation.platform.flow.consume({
    name: "rules",
    log: OCCASIONS,
    async handle(unit, entries) {
      for (const { value, timeMs } of entries) {
        const occasion = JSON.parse(String(value)) as Occasion;
        switch (occasion.kind) {
          case "evaluation-submitted":
            await evaluateSubmission(unit, evaluation, occasion, timeMs);
            break;
          case "mail-completed":
            await evaluateMail(unit, evaluation, occasion, timeMs);
        }
      }
    },
  });
}

type OccasionOf<K> = Extract<Occasion, { kind: K }>;

/** A mail is looked at once, when its contact is over: by then everything is known that conditions may ask for. */
async function evaluateMail(
  unit: Unit,
  { platform, sets }: Evaluation,
  { contactId, ...rest }: OccasionOf<"mail-completed">,
  nowMs: number,
): Promise<void> {
  const instance = refOf(rest);
  const source = "OnEmailAnalysisAvailable";
  const contact = await findContact(unit, instance, contactId, nowMs);
  if (!contact) return;
  const facts = contactFacts(contact, await attributesOf(unit, contact), { isWorkOver: true });
  const document = factDocument("Email", facts, contactTags(contact));
  const revision = await ruleRevision(unit, instance);
  const input = { instance, subject: contactId, revision, source, about: "mail", document } as const;
  await recordInput(unit, platform, { kind: "document", ...input });
  const set = await sets.of(unit, instance, source);
  if (set.size === 0) return;
  const { found, answerTo } = onDocument(set, document, await mailTexts(unit, input));
  for (const { rule } of set.match(document, found.keys(), answerTo)) {
    await act(unit, platform, { rule, source, instance, about: contactId, contact, document });
  }
}

async function evaluateSubmission(
  unit: Unit,
  { platform, sets }: Evaluation,
  { contactId, submission, ...rest }: OccasionOf<"evaluation-submitted">,
  nowMs: number,
): Promise<void> {
  const instance = refOf(rest);
  const source = "OnContactEvaluationSubmit";
  const set = await sets.of(unit, instance, source);
  const contact = await findContact(unit, instance, contactId, nowMs);
  if (!contact) return;

  const facts = {
    ...contactFacts(contact, await attributesOf(unit, contact), { isWorkOver: contact.completedMs !== undefined }),
    ...evaluationFacts(submission),
  };
  const document = {
    ...factDocument("ContactEvaluation", facts, contactTags(contact)),
    [EVALUATION_TAGS]: submission.tags,
  };
  const about = `${submission.evaluationId}/${submission.number}`;
  const revision = await ruleRevision(unit, instance);
  await recordInput(unit, platform, {
    kind: "document",
    instance,
    subject: contactId,
    revision,
    source,
    about,
    document,
  });
  const told = { id: submission.evaluationId, formId: submission.formId };
  for (const { rule } of set.match(document, [], () => undefined)) {
    await act(unit, platform, { rule, source, instance, about, contact, document, evaluation: told });
  }
}
