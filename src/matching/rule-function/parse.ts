import {
  type ConditionSource,
  type Counted,
  EVENT_SOURCES,
  type EventSource,
  FORM_ID,
  findPath,
  type PathRow,
} from "./event-sources.ts";
import { type Filters, readFilters } from "./filters.ts";
import type { ConditionShape, GroupShape, LeafOperator } from "./function-shape.ts";
import { type OperandRule, type Operands, readOperands } from "./operands.ts";
import { refuse, refusePath } from "./refusal.ts";

/** A group of a function whose paths, operators, operands and filters are right. */
export interface Group {
  readonly kind: "group";
  readonly operator: "AND" | "OR";
  readonly nodes: readonly Node[];
  readonly negate: boolean;
}

export interface Leaf {
  readonly kind: "condition";
  readonly operator: LeafOperator;
  readonly row: PathRow;
  /** Where its value stands in the fact document: `ContactLens.PostCall.Queue.QueueId`. */
  readonly path: string;
  readonly operands: Operands;
  readonly filters: Filters;
  readonly negate: boolean;
}

export type Node = Group | Leaf;

/** Checks a function against the tables of its event source. Throws `InvalidRequestException`. */
export function parseGroup(shape: GroupShape, source: ConditionSource): Group {
  return new Parser(EVENT_SOURCES[source]).group(shape, false);
}

/** How many conditions of a kind a rule may have (feature specifications). */
const COUNT_MAX: Readonly<Record<Counted | "sentiment in a period", number>> = {
  "contact attributes": 5,
  sentiment: 5,
  "sentiment in a period": 5,
  interruptions: 5,
  "available results": 20,
  "form scores": 20,
  "section scores": 20,
  "question scores": 20,
};

class Parser {
  readonly #source: EventSource;
  readonly #counts = new Map<string, number>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  group(shape: GroupShape, negatedAbove: boolean): Group {
    readFilters(shape.filters, {}, `${shape.at}.FilterClause`);
    const negated = negatedAbove || shape.negate;
    const nodes = shape.nodes.map((node) =>
      node.kind === "group" ? this.group(node, negated) : this.#leaf(node, negated),
    );
    this.#checkEvaluation(shape, nodes);
    return { kind: "group", operator: shape.operator, nodes, negate: shape.negate };
  }

  #leaf(shape: ConditionShape, negatedAbove: boolean): Leaf {
    const { at, operator, comparisonValue, negate } = shape;
    const found = findPath(this.#source, comparisonValue);
    if (found === undefined) refusePath(comparisonValue);
    const { row, factPath } = found;
    const operands = readOperands(shape.operands, operandRule(row, operator, at), `${at}.Operands`);
    if (shape.bareFilters && row.looksAt !== "ai-agents") refuse(`${at}.FilterClause`, "must be a JSON object");
    const filters = readFilters(shape.filters, row.filters ?? {}, `${at}.FilterClause`);
    if (row.negate === "refused" && (negate || negatedAbove)) {
      refuse(`${at}.Negate`, "a condition on words cannot be negated in real time, nor stand in a negated group");
    }
    if (row.counted !== undefined && row.path !== FORM_ID) {
      this.#count(row.counted === "sentiment" && filters.period ? "sentiment in a period" : row.counted, at);
    }
    return { kind: "condition", operator, row, path: factPath, operands, filters, negate };
  }

  /**
   * A score, section or question means nothing without its form, in the same group (our choice: the service is said to refuse these
   * paths with the words for an unknown one). A form by itself asks for its results to be available.
   */
  #checkEvaluation({ nodes: shapes, at }: GroupShape, nodes: readonly Node[]): void {
    const rows = nodes.map((node) => (node.kind === "condition" ? node.row : undefined));
    const namesForm = rows.some((row) => row?.path === FORM_ID);
    const ofForm = shapes[rows.findIndex((row) => row?.ofForm)];
    if (namesForm && ofForm === undefined) this.#count("available results", at);
    if (!namesForm && ofForm?.kind === "condition") refusePath(ofForm.comparisonValue);
  }

  #count(counted: keyof typeof COUNT_MAX, at: string): void {
    const count = (this.#counts.get(counted) ?? 0) + 1;
    this.#counts.set(counted, count);
    if (count > COUNT_MAX[counted])
      refuse(at, `a rule may have ${COUNT_MAX[counted]} conditions on ${counted} at most`);
  }
}

function operandRule(row: PathRow, operator: LeafOperator, at: string): OperandRule {
  const rules: Readonly<Record<LeafOperator, OperandRule | undefined>> = {
    CONTAINS_ANY: row.any,
    CONTAINS: row.contains,
    EQUALS: row.equals,
    NumberGreaterOrEqualTo: row.number,
    NumberLessOrEqualTo: row.number,
  };
  return rules[operator] ?? refuse(`${at}.Operator`, `${operator} is not allowed for this ComparisonValue`);
}
