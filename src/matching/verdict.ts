import { type CompiledCondition, type CompiledField, isFieldMet, isMet } from "./compiled-condition.ts";
import { pathText } from "./condition.ts";
import type { Explanation, Verdict } from "./explanation.ts";
import type { PathTree } from "./path-tree.ts";
import { describe } from "./predicate-words.ts";
import { reasonOf } from "./reason.ts";

/** Values that are shown of a field which has many. */
const FOUND_VALUES_MAX = 20;

/** Why the document that a tree read last meets a condition or does not. */
export function explain(condition: CompiledCondition, tree: PathTree): Explanation {
  const verdict = verdictOf(condition, tree);
  return { matched: verdict.met, ...(!verdict.met && { reason: reasonOf(verdict) }), condition: verdict };
}

/** What `isMet` answers, for the whole and for each part: asked of the same functions, so that they cannot differ. */
function verdictOf(condition: CompiledCondition, tree: PathTree): Verdict {
  const met = isMet(condition, tree);
  switch (condition.kind) {
    case "fields": {
      const [only, ...others] = condition.fields.map((field) => fieldVerdict(field, tree));
      if (only !== undefined && others.length === 0) return { ...only, met };
      return { kind: "together", met, of: condition.fields.map((field) => fieldVerdict(field, tree)) };
    }
    case "not":
      return { kind: "not", met, of: [verdictOf(condition.of, tree)] };
    default:
      return { kind: condition.kind, met, of: condition.of.map((part) => verdictOf(part, tree)) };
  }
}

function fieldVerdict(field: CompiledField, tree: PathTree): Verdict {
  const { slot, predicates } = field;
  return {
    kind: "field",
    met: isFieldMet(field, tree),
    path: pathText(slot.path),
    asked: describe(predicates),
    found: tree.has(slot) ? slot.values.slice(0, Math.min(slot.count, FOUND_VALUES_MAX)) : "absent",
  };
}
