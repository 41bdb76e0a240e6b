/**
 * Rules as they stood: so that what a rule made of something can be told later, with the rule that was asked then. Each change of an
 * instance's rules has a revision; a version that has been replaced or deleted stays as long as what it was asked of.
 */
import { type Collection, collection, type Page, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey, type Rule, resourceKey, ruleAge, rules } from "../connect/index.ts";
import { HISTORY_KEPT_MS } from "./history.ts";

/** How often the rules of an instance have changed. */
const ruleRevisions: Collection<{ readonly revision: number }> = collection("rules_revisions");

interface ReplacedRule {
  readonly rule: Rule;
  /** The revision from which on it was no more so. */
  readonly until: number;
  readonly expiresMs: number;
}

const replacedRules: Collection<ReplacedRule> = collection("rules_replaced", {
  source: { type: "text", value: ({ rule, until }) => instanceKey(rule, rule.source, rule.id, until) },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** Old versions that a change takes with it. */
const SWEPT = 10;
const READ_SIZE = 100;

/** The revision of an instance's rules as they are now. */
export async function ruleRevision(reader: Reader, instance: InstanceRef): Promise<number> {
  return (await reader.get(ruleRevisions, instanceKey(instance)))?.revision ?? 0;
}

/** Puts a rule that is new or changed, and keeps what it was. */
export async function putRule(unit: Unit, rule: Rule, nowMs: number): Promise<void> {
  const revision = await replace(unit, rule, nowMs);
  unit.put(rules, resourceKey(rule), { ...rule, revision });
}

/** Deletes a rule, and keeps what it was. */
export async function forgetRule(unit: Unit, rule: Rule, nowMs: number): Promise<void> {
  await replace(unit, rule, nowMs);
  unit.delete(rules, resourceKey(rule));
}

async function replace(unit: Unit, rule: Rule, nowMs: number): Promise<number> {
  const revision = (await ruleRevision(unit, rule)) + 1;
  unit.put(ruleRevisions, instanceKey(rule), { revision });
  const expired = await unit.list(replacedRules, { index: "expires", before: nowMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(replacedRules, keyOf(old));
  const before = await unit.get(rules, resourceKey(rule));
  // Drafts were never asked.
  if (before?.status === "PUBLISHED") {
    const replaced = { rule: before, until: revision, expiresMs: nowMs + HISTORY_KEPT_MS };
    unit.put(replacedRules, keyOf(replaced), replaced);
  }
  return revision;
}

function keyOf({ rule, until }: ReplacedRule): string {
  return instanceKey(rule, rule.id, until);
}

/** The rules of a source that were published at a revision, the oldest first. */
export async function rulesAt(
  reader: Reader,
  instance: InstanceRef,
  source: Rule["source"],
  revision: number,
): Promise<readonly Rule[]> {
  const found: Rule[] = [];
  const prefix = instanceKey(instance, source, "");
  for await (const rule of all(reader, rules, { index: "published", prefix })) {
    if ((rule.revision ?? 0) <= revision) found.push(rule);
  }
  for await (const { rule, until } of all(reader, replacedRules, { index: "source", prefix })) {
    if ((rule.revision ?? 0) <= revision && revision < until) found.push(rule);
  }
  return found.sort((one, other) => (ruleAge(one) < ruleAge(other) ? -1 : 1));
}

async function* all<T>(
  reader: Reader,
  from: Collection<T>,
  range: { readonly index: string; readonly prefix: string },
): AsyncGenerator<T> {
  let after: string | undefined;
  do {
    const page: Page<T> = await reader.list(from, { ...range, limit: READ_SIZE, after });
    yield* page.documents;
    after = page.next;
  } while (after !== undefined);
}
