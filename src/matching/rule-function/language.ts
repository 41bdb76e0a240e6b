/** The function language of an event source, told as shapes: what an editor completes and checks with. Nothing is compiled by them. */
import { EVENT_SOURCES, type EventSource, type EventSourceName, type PathRow } from "./event-sources.ts";
import { AI_AGENT_USE_CASES, type FilterRule, type FilterType, LANGUAGES, ROLES } from "./filters.ts";
import { LEAF_OPERATORS, VERSION } from "./function-shape.ts";
import { METRICS } from "./metrics.ts";
import type { OperandRule } from "./operands.ts";

/** In the manner of API models, and beside them `choice`: a shape that a member of the object tells, and `either`: one that fits its kind. */
export interface Language {
  readonly input: string;
  readonly shapes: Readonly<Record<string, object>>;
}

/** Of a source whose functions are not evaluated nothing is known but the frame. */
export function functionLanguage(source: EventSourceName): Language {
  const known: Readonly<Partial<Record<EventSourceName, EventSource>>> = EVENT_SOURCES;
  const shapes = new Shapes();
  const conditions = source === "OnMetricDataUpdate" ? metricConditions(shapes) : pathConditions(shapes, known[source]);
  const filters = source === "OnMetricDataUpdate" ? groupingClause(shapes) : "Anything";
  const group = (operators: readonly string[]): object =>
    structure(
      {
        Operator: shapes.text(operators),
        Operands: shapes.add("Nodes", { type: "list", member: "Node", min: 1, max: 20 }),
        FilterClause: filters,
        Negate: "Boolean",
      },
      ["Operator", "Operands"],
    );
  shapes.add("Group", group(["AND", "OR"]));
  shapes.add("Node", { type: "choice", by: "Operator", of: { AND: "Group", OR: "Group" }, otherwise: conditions });
  shapes.add(
    "Function",
    structure({ Version: shapes.text([VERSION]), RuleFunction: "Group" }, ["Version", "RuleFunction"]),
  );
  return { input: "Function", shapes: shapes.all };
}

/** Shapes by name, as they are needed. */
class Shapes {
  readonly all: Record<string, object> = {
    Anything: { type: "any" },
    Boolean: { type: "boolean" },
    Text: { type: "string" },
  };

  add(name: string, shape: object): string {
    this.all[name] ??= shape;
    return name;
  }

  /** A text that is one of some. */
  text(values: readonly string[]): string {
    return this.add(values.join(" "), { type: "string", enum: values });
  }
}

function structure(members: Readonly<Record<string, string>>, required: readonly string[]): object {
  return { type: "structure", members, required };
}

const OPERATORS: readonly (readonly [keyof PathRow, readonly string[]])[] = [
  ["any", ["CONTAINS_ANY"]],
  ["contains", ["CONTAINS"]],
  ["equals", ["EQUALS"]],
  ["number", ["NumberGreaterOrEqualTo", "NumberLessOrEqualTo"]],
];

const KEY = "<KEY>";

function pathConditions(shapes: Shapes, source: EventSource | undefined): string {
  if (!source) return anyCondition(shapes, "Text");
  const paths = source.prefixes.flatMap((prefix) =>
    source.rows.map((row) => [`$.${prefix}${row.path.replace(KEY, "")}`, row] as const),
  );
  const values = paths.map(([path]) => path);
  shapes.add("Path", { type: "string", hints: values });
  const of: Record<string, string> = {};
  const beginning: Record<string, string> = {};
  for (const [path, row] of paths) {
    const name = shapes.add(`Condition ${row.path}`, conditionOn(shapes, row));
    (row.path.endsWith(KEY) ? beginning : of)[path] = name;
  }
  const otherwise = anyCondition(shapes, shapes.add("One of the paths", { type: "string", enum: values }));
  return shapes.add("Condition", { type: "choice", by: "ComparisonValue", of, beginning, otherwise });
}

/** A condition whose path says nothing, or is not there yet. */
function anyCondition(shapes: Shapes, path: string): string {
  shapes.add("Operands", { type: "list", member: "Anything" });
  const members = { ComparisonValue: path, Operands: "Operands", FilterClause: "Anything", Negate: "Boolean" };
  const Operator = shapes.text(["AND", "OR", ...LEAF_OPERATORS]);
  return shapes.add("Any condition", structure({ Operator, ...members }, ["Operator", "ComparisonValue"]));
}

function conditionOn(shapes: Shapes, row: PathRow): object {
  const asked = OPERATORS.flatMap(([kind, operators]) => {
    const rule = row[kind] as OperandRule | undefined;
    return rule ? operators.map((operator) => [operator, rule] as const) : [];
  });
  const operators = asked.map(([operator]) => operator);
  const filters = filterClause(shapes, row);
  const condition = (rule: OperandRule | undefined): object =>
    structure(
      {
        Operator: shapes.text(operators),
        Operands: rule ? operandsOf(shapes, rule) : "Anything",
        ComparisonValue: "Path",
        FilterClause: filters,
        Negate: "Boolean",
      },
      ["Operator", "ComparisonValue", ...(rule && !mayLackOperands(rule) ? ["Operands"] : [])],
    );
  const of = Object.fromEntries(
    asked.map(([operator, rule]) => [operator, shapes.add(`${row.path} ${operator}`, condition(rule))]),
  );
  return { type: "choice", by: "Operator", of, otherwise: shapes.add(`${row.path} asked`, condition(undefined)) };
}

function mayLackOperands(rule: OperandRule): boolean {
  return rule.kind === "no-value" || (rule.kind === "text" && rule.orNoValue === true);
}

function operandsOf(shapes: Shapes, rule: OperandRule): string {
  const list = (member: string, bounds: object): string =>
    shapes.add(`list ${member} ${JSON.stringify(bounds)}`, { type: "list", member, ...bounds });
  const ONE = { min: 1, max: 1 };
  switch (rule.kind) {
    case "texts": {
      const { oneOf, charactersMax, countMax } = rule;
      const text = {
        type: "string",
        min: 1,
        ...(charactersMax && { max: charactersMax }),
        ...(oneOf && { enum: oneOf }),
      };
      return list(shapes.add(`text ${JSON.stringify(text)}`, text), { min: 1, ...(countMax && { max: countMax }) });
    }
    case "text": {
      const { oneOf, orNoValue } = rule;
      const text = { type: "string", ...(oneOf && { enum: orNoValue ? [...oneOf, ""] : oneOf }) };
      return list(shapes.add(`text ${JSON.stringify(text)}`, text), orNoValue ? { max: 1 } : ONE);
    }
    case "no-value":
      return list(shapes.add("nothing", { type: "string", max: 0 }), { max: 1 });
    case "integer":
    case "number": {
      const { kind, min, max } = rule;
      const type = kind === "integer" ? "integer" : "double";
      const number = { type, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
      return list(shapes.add(`number ${JSON.stringify(number)}`, number), ONE);
    }
    case "instant":
      return list("Text", ONE);
    case "number-or-instant":
      return list(
        shapes.add("a number or a time", { type: "either", of: [shapes.add("Number", { type: "double" }), "Text"] }),
        ONE,
      );
    case "patterns":
      return list(pattern(shapes), { min: 1, max: rule.countMax });
    case "ai-agents":
      return list("Text", { min: 1 });
  }
}

/** Words, one element after the other. */
function pattern(shapes: Shapes): string {
  const Type = shapes.text(["PLAIN", "LIST", "PROXIMITY", "NUMERICAL"]);
  const element = (Value: string): object => structure({ Type, Value }, ["Type", "Value"]);
  const plain = shapes.add("PLAIN element", element("Text"));
  const within = structure(
    { Distance: shapes.add("Distance", { type: "integer", min: 0, max: 1000 }), IsWithin: "Boolean" },
    ["Distance", "IsWithin"],
  );
  const of = {
    PLAIN: plain,
    LIST: shapes.add("LIST element", element(shapes.add("PLAIN elements", { type: "list", member: plain, min: 1 }))),
    PROXIMITY: shapes.add("PROXIMITY element", element(shapes.add("Proximity", within))),
    NUMERICAL: shapes.add(
      "NUMERICAL element",
      element(shapes.add("Numerical", structure({ Decimal: "Boolean" }, ["Decimal"]))),
    ),
  };
  const otherwise = shapes.add("element", element("Anything"));
  return shapes.add("Pattern", {
    type: "list",
    member: shapes.add("Pattern element", { type: "choice", by: "Type", of, otherwise }),
    min: 1,
  });
}

function filterClause(shapes: Shapes, { filters = {}, looksAt }: PathRow): string {
  const clause = clauseOf(shapes, filterTypes(shapes, filters));
  if (looksAt !== "ai-agents") return clause;
  // The documentation writes this one also as the bare list.
  const list = `${clause} list`;
  return shapes.add(`${clause} or list`, { type: "either", of: [clause, list] });
}

/** A clause of filters, by the shapes of what their types take. */
function clauseOf(shapes: Shapes, data: Readonly<Record<string, string>>): string {
  const types = Object.keys(data);
  const name = `Filters ${types.join(" ")}`;
  const Type = shapes.text(types);
  const of = Object.fromEntries(
    types.map((type) => [
      type,
      shapes.add(`${name}: ${type}`, structure({ Type, Data: data[type] ?? "Anything" }, ["Type", "Data"])),
    ]),
  );
  const otherwise = shapes.add(`${name}: other`, structure({ Type, Data: "Anything" }, ["Type", "Data"]));
  const filter = shapes.add(`${name}: one`, { type: "choice", by: "Type", of, otherwise });
  const list = shapes.add(`${name} list`, { type: "list", member: filter });
  return shapes.add(
    name,
    structure({ LogicOperator: shapes.text(["AND"]), Filters: list }, ["LogicOperator", "Filters"]),
  );
}

function filterTypes(shapes: Shapes, rule: FilterRule): Readonly<Record<string, string>> {
  const seconds = shapes.add("Seconds", { type: "integer", min: 1 });
  const firstOrLast = { type: "structure", members: { First: seconds, Last: seconds }, union: true };
  const data: Readonly<Record<FilterType, () => string>> = {
    ParticipantRole: () => shapes.text(ROLES),
    PostCallContactPeriodSeconds: () => shapes.add("First or last", firstOrLast),
    PostChatContactPeriodSeconds: () => shapes.add("First or last", firstOrLast),
    RealTimeCallContactPeriodSeconds: () => shapes.add("Past", structure({ Past: seconds }, ["Past"])),
    RealTimeChatContactPeriodSeconds: () => shapes.add("Past", structure({ Past: seconds }, ["Past"])),
    PatternMatchLanguageFilter: () => shapes.text(LANGUAGES),
    AiAgentUseCase: () => shapes.add("Use case", structure({ Value: shapes.text(AI_AGENT_USE_CASES) }, ["Value"])),
    AiAgentEscalatedToHuman: () => shapes.text(["TRUE", "FALSE"]),
  };
  return Object.fromEntries(Object.keys(rule).map((type) => [type, data[type as FilterType]()]));
}

/** Of metrics the names are told; what goes with which is for the server to say. */
function metricConditions(shapes: Shapes): string {
  const path = shapes.text([...METRICS.keys()].map((metric) => `$.MetricData.${metric}`));
  shapes.add("Operands", { type: "list", member: "Anything" });
  const members = { ComparisonValue: path, Operands: "Operands", FilterClause: "Anything", Negate: "Boolean" };
  const Operator = shapes.text(LEAF_OPERATORS);
  return shapes.add("Condition", structure({ Operator, ...members }, ["Operator", "ComparisonValue", "Operands"]));
}

function groupingClause(shapes: Shapes): string {
  const grouping = shapes.text(["AGENT", "QUEUE", "ROUTING_PROFILE", "FLOW"]);
  const groupings = shapes.add("Groupings", { type: "list", member: grouping, min: 1, max: 1 });
  return clauseOf(shapes, { MetricDataGrouping: groupings });
}
