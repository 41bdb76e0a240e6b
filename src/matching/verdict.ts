import { type CompiledCondition, type CompiledField, isFieldMet, isMet, meets } from "./compiled-condition.ts";
import { pathText } from "./condition.ts";
import type { Explanation, Verdict } from "./explanation.ts";
import type { PathTree, Slot } from "./path-tree.ts";
import type { Scalar } from "./predicate.ts";
import { describe } from "./predicate-words.ts";
import { reasonOf } from "./reason.ts";

/** Values that are shown of a field which has many, and characters of a long one. */
const FOUND_VALUES_MAX = 20;
const FOUND_CHARACTERS_MAX = 1000;
/** Alternatives that are shown of a condition which has many: an event pattern may have a thousand. */
const ALTERNATIVES_MAX = 50;

/** Why the document that a tree read last meets a condition or does not. */
export function explain(condition: CompiledCondition, tree: PathTree): Explanation {
  const verdict = verdictOf(condition, tree);
  return { matched: verdict.met, ...(!verdict.met && { reason: reasonOf(verdict) }), condition: shown(verdict) };
}

/** Without most of the alternatives, where they are many: those that are met come first. */
function shown(verdict: Verdict): Verdict {
  if (verdict.kind === "field") return verdict;
  const { kind, met, of } = verdict;
  if (kind !== "any" || of.length <= ALTERNATIVES_MAX) return { kind, met, of: of.map(shown) };
  const first = [...of.filter((part) => part.met), ...of.filter((part) => !part.met)].slice(0, ALTERNATIVES_MAX);
  return { kind, met, of: first.map(shown), more: of.length - ALTERNATIVES_MAX };
}

/** What `isMet` answers, for the whole and for each part: asked of the same functions, so that they cannot differ. */
function verdictOf(condition: CompiledCondition, tree: PathTree): Verdict {
  const met = isMet(condition, tree);
  switch (condition.kind) {
    case "fields": {
      // Where all are met together, each is: one that asks for absence perhaps not in all of an array's elements, but in those it is about.
      const fields = condition.fields.map((field) => fieldVerdict(field, met || isFieldMet(field, tree), tree));
      const [only, ...others] = fields;
      return only !== undefined && others.length === 0 ? only : { kind: "together", met, of: fields };
    }
    case "not":
      return { kind: "not", met, of: [verdictOf(condition.of, tree)] };
    default:
      return { kind: condition.kind, met, of: condition.of.map((part) => verdictOf(part, tree)) };
  }
}

function fieldVerdict(field: CompiledField, met: boolean, tree: PathTree): Verdict {
  const { slot, predicates, outsideArrays } = field;
  const all = tree.has(slot) ? valuesAt(slot, outsideArrays) : [];
  const values = all.length > FOUND_VALUES_MAX ? firstOfMany(all, field) : all.map(shortened);
  return {
    kind: "field",
    met,
    path: pathText(slot.path),
    asked: describe(predicates),
    found: values.length > 0 ? values : "absent",
    ...(all.length > values.length && { foundMore: all.length - values.length }),
    ...(values.length > 0 && !slot.isFlat && !outsideArrays && { inArrays: true }),
  };
}

/** The values that count. */
function valuesAt(slot: Slot, outsideArrays: boolean): readonly Scalar[] {
  const values = slot.values.slice(0, slot.count);
  return outsideArrays ? values.filter((_, place) => slot.isOutsideArrays(place)) : values;
}

/** One that meets the field comes first, if there is one. */
function firstOfMany(values: readonly Scalar[], field: CompiledField): readonly Scalar[] {
  const meeting = values.findIndex((value) => meets(value, field));
  const first = values.slice(0, FOUND_VALUES_MAX);
  if (meeting >= FOUND_VALUES_MAX) first.splice(0, FOUND_VALUES_MAX, values[meeting] as Scalar, ...first.slice(0, -1));
  return first.map(shortened);
}

function shortened(value: Scalar): Scalar {
  if (typeof value !== "string" || value.length <= FOUND_CHARACTERS_MAX) return value;
  return `${value.slice(0, FOUND_CHARACTERS_MAX)}… (${value.length} characters)`;
}
