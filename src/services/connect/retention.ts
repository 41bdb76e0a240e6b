import type { Collection, Unit } from "../../store/store.ts";
import { clientTokens } from "./client-tokens.ts";
import { contactAttributes } from "./contact-attributes.ts";
import { contactEvaluations, evaluatedForms } from "./contact-evaluations.ts";
import { utterances } from "./contact-speech.ts";
import { contactKey, contacts } from "./contacts.ts";
import { emailMessages } from "./email-messages.ts";
import { flowRuns } from "./flow-run/flow-runs.ts";
import { resourceKey } from "./instance-resources.ts";
import { metricSums } from "./metrics.ts";

/**
 * How many expired documents of one collection a new contact takes with it. Contacts look after the collections in turn, by chance, and
 * take so many that expired documents go faster than they come. No timer sweeps, which would keep a clock that is moved by years busy.
 */
const SWEPT_PER_CONTACT = 10;

const MINUTE_MS = 60_000;

type Sweep = (unit: Unit, nowMs: number) => Promise<unknown>;

const SWEEPS: readonly Sweep[] = [
  async (unit, nowMs) => {
    for (const contact of await sweep(unit, nowMs, contacts, contactKey)) unit.delete(flowRuns, contactKey(contact));
  },
  (unit, nowMs) => sweep(unit, nowMs, contactAttributes, ({ key }) => key),
  (unit, nowMs) => sweep(unit, nowMs, contactEvaluations, resourceKey),
  (unit, nowMs) => sweep(unit, nowMs, evaluatedForms, ({ key }) => key),
  (unit, nowMs) => sweep(unit, nowMs, utterances, ({ key }) => key),
  (unit, nowMs) => sweep(unit, nowMs, emailMessages, ({ key }) => key),
  (unit, nowMs) => sweep(unit, nowMs, clientTokens, ({ key }) => key),
  (unit, nowMs) => sweep(unit, nowMs, metricSums, ({ key }) => key),
];

/** Deletes some documents whose time is over, oldest first. Called with each contact that is created, whose id is the chance. */
export async function sweepExpired(
  unit: Unit,
  contact: { readonly id: string; readonly initiationMs: number },
): Promise<void> {
  const chance = Number.parseInt(contact.id.slice(0, 8), 16);
  await SWEEPS[chance % SWEEPS.length]?.(unit, contact.initiationMs);
}

async function sweep<T>(
  unit: Unit,
  nowMs: number,
  from: Collection<T>,
  keyOf: (document: T) => string,
): Promise<readonly T[]> {
  // By the minute, so that the same question of a collection that has not changed has the same answer, which the store keeps.
  const before = nowMs - (nowMs % MINUTE_MS);
  const page = await unit.list(from, { index: "expires", before, limit: SWEPT_PER_CONTACT });
  for (const document of page.documents) unit.delete(from, keyOf(document));
  return page.documents;
}
