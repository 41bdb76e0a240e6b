import type { Collection, Unit } from "../../store/store.ts";
import { clientTokens } from "./client-tokens.ts";
import { contactAttributes } from "./contact-attributes.ts";
import { contactEvaluations, evaluatedForms } from "./contact-evaluations.ts";
import { utterances } from "./contact-speech.ts";
import { contactKey, contacts } from "./contacts.ts";
import { flowRuns } from "./flow-run/flow-runs.ts";
import { resourceKey } from "./instance-resources.ts";
import { metricSums } from "./metrics.ts";

/**
 * How many expired documents of each collection a new contact takes with it. More than one, so that they go faster than they
 * come. No timer sweeps, which would keep a clock that is moved by years busy.
 */
const SWEPT_PER_CONTACT = 2;

/** Deletes some documents whose time is over, oldest first. Called with each contact that is created. */
export async function sweepExpired(unit: Unit, nowMs: number): Promise<void> {
  for (const contact of await sweep(unit, nowMs, contacts, contactKey)) unit.delete(flowRuns, contactKey(contact));
  await sweep(unit, nowMs, contactAttributes, ({ key }) => key);
  await sweep(unit, nowMs, contactEvaluations, resourceKey);
  await sweep(unit, nowMs, evaluatedForms, ({ key }) => key);
  await sweep(unit, nowMs, utterances, ({ key }) => key);
  await sweep(unit, nowMs, clientTokens, ({ key }) => key);
  await sweep(unit, nowMs, metricSums, ({ key }) => key);
}

async function sweep<T>(
  unit: Unit,
  nowMs: number,
  from: Collection<T>,
  keyOf: (document: T) => string,
): Promise<readonly T[]> {
  const page = await unit.list(from, { index: "expires", before: nowMs, limit: SWEPT_PER_CONTACT });
  for (const document of page.documents) unit.delete(from, keyOf(document));
  return page.documents;
}
