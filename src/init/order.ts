import { loadModel } from "../models/catalog.ts";
import { type Entry, titleOf } from "./entries.ts";
import type { InitFile } from "./init-file.ts";
import { kinds } from "./kinds/index.ts";
import { changeableMembers, createInput } from "./members.ts";
import type { Reference } from "./references.ts";

/** Entries by what references call them. */
export class Names {
  readonly #byName: ReadonlyMap<string, readonly Entry[]>;

  constructor(entries: readonly Entry[]) {
    this.#byName = Map.groupBy(entries, ({ kind, name }) => `${kind.section} ${name}`);
  }

  /** The entry that a reference means: of those with that name the one that has most of its place in common with where it stands. */
  find({ section, name }: Reference, from: Entry): Entry | undefined {
    const named = this.#byName.get(`${section} ${name}`) ?? [];
    if (named.length < 2) return named[0];
    const own = new Set(ancestry(from));
    const near = (entry: Entry): number => ancestry(entry).filter((one) => own.has(one)).length;
    return named.toSorted((a, b) => near(b) - near(a))[0];
  }
}

/** An entry and what it stands in. */
export function ancestry(entry: Entry): readonly Entry[] {
  return entry.parent === undefined ? [entry] : [entry, ...ancestry(entry.parent)];
}

export interface Plan {
  /** Entries of one step need nothing of each other, and nothing of later steps. */
  readonly steps: readonly (readonly Entry[])[];
  /** What must be there before an entry. */
  readonly needs: ReadonlyMap<Entry, readonly Entry[]>;
  /** Members that lead back to their own entry: they are told when all entries are there. */
  readonly deferred: ReadonlyMap<Entry, ReadonlySet<string>>;
}

interface Need {
  readonly entry: Entry;
  /** The member that refers to it; `undefined` for what the entry stands in. */
  readonly member: string | undefined;
}

/**
 * Kinds come in the order of their table, since some need another without a word of it (a function its role's policies), and what an entry
 * refers to comes with the entry's kind where that is earlier than its own. Circles that no member can be left out of are problems of
 * the file.
 */
export function planned(file: InitFile, entries: readonly Entry[], names: Names): Plan {
  const deferred = new Map<Entry, Set<string>>();
  const needsOf = (entry: Entry): readonly Need[] => {
    const above = ancestry(entry).slice(1);
    const needs: Need[] = above.slice(0, 1).map((parent) => ({ entry: parent, member: undefined }));
    for (const reference of entry.references) {
      const needed = names.find(reference, entry);
      const isLeft = needed === undefined || above.includes(needed) || deferred.get(entry)?.has(reference.member);
      if (!isLeft) needs.push({ entry: needed, member: reference.member });
    }
    return needs;
  };
  let walked = walk(entries, needsOf);
  while ("circle" in walked) {
    const { circle } = walked;
    const left = circle.find(isOptional) ?? circle.find(isLeavable);
    if (left?.member === undefined) {
      const [first] = circle;
      const titles = [...circle, ...circle.slice(0, 1)].map(({ entry }) => titleOf(entry)).join(" → ");
      file.problem(first?.entry.place, `these refer to each other in a circle: ${titles}`);
      return { steps: [], needs: new Map(), deferred };
    }
    deferred.set(left.entry, (deferred.get(left.entry) ?? new Set()).add(left.member));
    walked = walk(entries, needsOf);
  }
  const needs = new Map(walked.order.map((entry) => [entry, needsOf(entry).map((need) => need.entry)]));
  return { steps: stepsOf(entries, walked.order, needs), needs, deferred };
}

/** Entries behind all that they need, or the first circle: each with the member that leads on to the next. */
function walk(
  entries: readonly Entry[],
  needsOf: (entry: Entry) => readonly Need[],
): { readonly order: readonly Entry[] } | { readonly circle: readonly Need[] } {
  const done = new Set<Entry>();
  const path = new Map<Entry, string | undefined>();
  const visit = (entry: Entry): readonly Need[] | undefined => {
    if (done.has(entry)) return undefined;
    if (path.has(entry)) {
      const steps = [...path].map(([one, member]) => ({ entry: one, member }));
      return steps.slice(steps.findIndex((one) => one.entry === entry));
    }
    for (const need of needsOf(entry)) {
      path.set(entry, need.member);
      const circle = visit(need.entry);
      if (circle) return circle;
    }
    path.delete(entry);
    done.add(entry);
    return undefined;
  };
  for (const entry of entries) {
    const circle = visit(entry);
    if (circle) return { circle };
  }
  return { order: [...done] };
}

/** Whether an entry can be made without the member, and be told it afterwards. */
function isOptional(need: Need): boolean {
  const { kind } = need.entry;
  const required = createInput(loadModel(kind.model), kind).required ?? [];
  return isLeavable(need) && !required.includes(need.member ?? "");
}

function isLeavable({ entry: { kind }, member }: Need): boolean {
  if (member === undefined || !changeableMembers(kind).includes(member)) return false;
  const required = createInput(loadModel(kind.model), kind).required ?? [];
  return !required.includes(member) || kind.placeholders?.[member] !== undefined;
}

function stepsOf(
  entries: readonly Entry[],
  order: readonly Entry[],
  needs: ReadonlyMap<Entry, readonly Entry[]>,
): readonly (readonly Entry[])[] {
  const turns = new Map(order.map((entry) => [entry, kinds.indexOf(entry.kind)]));
  const turnOf = (entry: Entry): number => turns.get(entry) ?? 0;
  for (const entry of order.toReversed()) {
    for (const needed of needs.get(entry) ?? []) turns.set(needed, Math.min(turnOf(needed), turnOf(entry)));
  }
  const depths = new Map<Entry, number>();
  for (const entry of order) {
    const before = (needs.get(entry) ?? []).filter((needed) => turnOf(needed) === turnOf(entry));
    depths.set(entry, Math.max(0, ...before.map((needed) => (depths.get(needed) ?? 0) + 1)));
  }
  const depthOf = (entry: Entry): number => depths.get(entry) ?? 0;
  const sorted = entries.toSorted((a, b) => turnOf(a) - turnOf(b) || depthOf(a) - depthOf(b));
  return [...Map.groupBy(sorted, (entry) => `${turnOf(entry)} ${depthOf(entry)}`).values()];
}
