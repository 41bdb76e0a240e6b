import { distinctWithin, NO_ARRAYS, type Trail } from "./array-trail.ts";
import type { Condition, FieldCondition } from "./condition.ts";
import type { PathTree, Slot } from "./path-tree.ts";
import { holds, type Predicate, type Scalar } from "./predicate.ts";

/** A condition whose paths are slots of a tree, ready to be asked of the document that the tree read last. */
export type CompiledCondition =
  | { readonly kind: "fields"; readonly fields: readonly CompiledField[] }
  | { readonly kind: "all" | "any"; readonly of: readonly CompiledCondition[] }
  | { readonly kind: "not"; readonly of: CompiledCondition };

export interface CompiledField {
  readonly slot: Slot;
  readonly predicates: readonly Predicate[];
  /** The values asked for, where nothing else is asked and they are many. */
  readonly values: ReadonlySet<Scalar> | undefined;
  /** Whether it is also met when there is no value. */
  readonly absentToo: boolean;
  readonly outsideArrays: boolean;
  /** How many conditions there are that have been seen to share it. */
  uses: number;
}

/** From this many values on, a set is faster than asking one after the other. */
const SET_VALUES_MIN = 8;

export function compile(condition: Condition, tree: PathTree): CompiledCondition {
  switch (condition.kind) {
    case "fields":
      return { kind: "fields", fields: condition.fields.map((field) => compileField(field, tree)) };
    case "not":
      return { kind: "not", of: compile(condition.of, tree) };
    default:
      return { kind: condition.kind, of: condition.of.map((part) => compile(part, tree)) };
  }
}

function compileField({ path, predicates, outsideArrays }: FieldCondition, tree: PathTree): CompiledField {
  const slot = tree.claim(path);
  const [only, ...others] = predicates;
  const isPlain = only?.kind === "equals" && others.length === 0 && !outsideArrays;
  const shared = isPlain ? sharedAt(slot) : undefined;
  const known = isPlain ? shared?.get(only.value) : undefined;
  if (known !== undefined) {
    known.uses += 1;
    return known;
  }
  const compiled = {
    slot,
    // A copy has no room to spare.
    predicates: [...predicates],
    values: predicates.length < SET_VALUES_MIN ? undefined : exactValues(predicates),
    absentToo: predicates.some(({ kind }) => kind === "absent"),
    outsideArrays: outsideArrays === true,
    uses: 1,
  };
  if (isPlain) shared?.set(only.value, compiled);
  return compiled;
}

/**
 * Fields that ask for one value, to be used again: of a million rules most ask for the same few sources, types and channels. A few of those
 * compiled last are enough for that.
 */
const sharedFields = new WeakMap<Slot, Map<Scalar, CompiledField>>();
const SHARED_FIELDS_MAX = 256;

function sharedAt(slot: Slot): Map<Scalar, CompiledField> {
  const fields = sharedFields.get(slot) ?? new Map<Scalar, CompiledField>();
  if (fields.size >= SHARED_FIELDS_MAX) fields.clear();
  sharedFields.set(slot, fields);
  return fields;
}

function exactValues(predicates: readonly Predicate[]): ReadonlySet<Scalar> | undefined {
  const values = new Set<Scalar>();
  for (const predicate of predicates) {
    if (predicate.kind !== "equals") return undefined;
    values.add(predicate.value);
  }
  return values;
}

/** All fields of a condition, each claim of a slot once. */
export function fieldsOf(condition: CompiledCondition): readonly CompiledField[] {
  if (condition.kind === "fields") return condition.fields;
  return condition.kind === "not" ? fieldsOf(condition.of) : condition.of.flatMap(fieldsOf);
}

/** Whether the document that the tree read last meets a condition. Hot. */
export function isMet(condition: CompiledCondition, tree: PathTree): boolean {
  switch (condition.kind) {
    case "fields":
      return areMetTogether(condition.fields, tree);
    case "all":
      for (const part of condition.of) if (!isMet(part, tree)) return false;
      return true;
    case "any":
      for (const part of condition.of) if (isMet(part, tree)) return true;
      return false;
    case "not":
      return !isMet(condition.of, tree);
  }
}

/** Whether a field is met, looked at by itself. */
export function isFieldMet(field: CompiledField, tree: PathTree): boolean {
  const { slot, outsideArrays } = field;
  if (!tree.has(slot)) return field.absentToo;
  for (let place = 0; place < slot.count; place++) {
    if (outsideArrays && !slot.isOutsideArrays(place)) continue;
    if (meets(slot.values[place] as Scalar, field)) return true;
  }
  return false;
}

/** Whether a value meets a field. */
export function meets(value: Scalar, { predicates, values }: CompiledField): boolean {
  if (values !== undefined) return values.has(value);
  for (const predicate of predicates) if (holds(predicate, value)) return true;
  return false;
}

function areMetTogether(fields: readonly CompiledField[], tree: PathTree): boolean {
  let inArrays = 0;
  for (const field of fields) {
    const liesInArrays = isInArrays(field, tree);
    if (liesInArrays) inArrays += 1;
    // Absence is looked for among the elements of one choice, below.
    if (!(liesInArrays && field.absentToo) && !isFieldMet(field, tree)) return false;
  }
  return (
    inArrays === 0 ||
    (fields.length === 1 && isFieldMet(fields[0] as CompiledField, tree)) ||
    areMetByOneChoice(fields, tree)
  );
}

function isInArrays({ slot, outsideArrays }: CompiledField, tree: PathTree): boolean {
  return tree.has(slot) && !slot.isFlat && !outsideArrays;
}

/**
 * Goes through the fields in their order with all trails that are still possible. Arrays that no later field looks into are forgotten on the
 * way, so that the number of trails stays near the number of values.
 *
 * Not so where a document spells one path in several ways (`{"a.b": […], "a": {"b": […]}}`), for then each array's elements go together with
 * all of the others, and to find a choice takes exponential time; nor where values lie in hundreds of arrays. Where that takes too many steps,
 * there is none (our choice).
 */
function areMetByOneChoice(fields: readonly CompiledField[], tree: PathTree): boolean {
  const inArrays = fields.filter((field) => isInArrays(field, tree));
  let trails: readonly Trail[] = [NO_ARRAYS];
  for (const [place, field] of inArrays.entries()) {
    const { leaves, count } = field.slot;
    const search = { test: (value: Scalar) => meets(value, field), stepsLeft: STEPS_MAX + count * STEPS_A_VALUE };
    const next: Trail[] = [];
    for (const trail of trails) {
      leaves.follow(trail, search, next);
      if (field.absentToo && !leaves.anyAlong(trail, search)) next.push(trail);
      if (search.stepsLeft < 0) return false;
    }
    if (next.length === 0) return false;
    trails = next.length === 1 ? next : distinctWithin(next, arraysOf(inArrays.slice(place + 1)));
  }
  return true;
}

function arraysOf(fields: readonly CompiledField[]): ReadonlySet<number> {
  const arrays = new Set<number>();
  for (const { slot } of fields) slot.leaves.addArrays(arrays);
  return arrays;
}

/** For one field: far more than a document needs that has each array at a path of its own, with values in up to about thirty arrays. */
const STEPS_MAX = 1_000_000;
const STEPS_A_VALUE = 64;
