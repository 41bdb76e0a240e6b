/**
 * The tasks of a flow as one function of a record. Whatever order they stand in, this is the one in which they work:
 *
 *     filters ─► projection ─► validations ─► arithmetic, merge ─► mask, truncate ─► map
 *
 * Nothing is written in between: each field that a task makes or changes is a reader made of other readers, and the record that comes out is
 * made once, of those that it needs.
 */
import type { JsonObject } from "../../matching/machine.ts";
import { keptNumber } from "../json-text.ts";
import { FlowDefinitionError, type FlowTask } from "./flow-plan.ts";
import {
  compileField,
  compilePassing,
  compileWriter,
  type FieldReader,
  isEmpty,
  type MadeRecord,
  setMember,
  textOf,
} from "./record-field.ts";
import { compileFilter, required } from "./record-filter.ts";

/** What the tasks of a flow make of one record. */
export type TaskOutcome =
  | { readonly kind: "record"; readonly record: JsonObject }
  | { readonly kind: "filtered" }
  /** `DropRecord`. */
  | { readonly kind: "dropped"; readonly reason: string }
  /** `DropDataset`: the run ends with it. */
  | { readonly kind: "stop"; readonly reason: string };

const FILTERED: TaskOutcome = { kind: "filtered" };

/**
 * The tasks of a flow as one function. Pure, and fast: it runs for each record. Throws `FlowDefinitionError`, which begins with the member, where a
 * task can do nothing.
 *
 * `isDynamic`: what the source has and no task names goes along, under the name that it has there.
 */
export function compileTasks(
  tasks: readonly FlowTask[],
  { isDynamic = false }: { readonly isDynamic?: boolean | undefined } = {},
): (record: JsonObject) => TaskOutcome {
  const filters = comparisons(tasks).map((task) => at(tasks, task, () => compileFilter(task)));
  const fields = new RecordFields(isDynamic ? undefined : projectionOf(tasks));
  const validations = ofType(tasks, "Validate").flatMap((task) =>
    at(tasks, task, () => task.fields.map((field) => compileValidation(task, field, fields.reader(field)))),
  );
  for (const task of tasks) {
    if (task.type === "Arithmetic")
      at(tasks, task, () => fields.make(temporaryName(task), compileArithmetic(task, fields)));
    if (task.type === "Merge") at(tasks, task, () => fields.make(temporaryName(task), compileMerge(task, fields)));
  }
  for (const task of tasks) {
    const change = changeOf(tasks, task);
    if (change) for (const field of task.fields) fields.change(field, change);
  }
  const write = compileOutput(tasks, fields, isDynamic);

  return (record) => {
    for (const keeps of filters) if (!keeps(record)) return FILTERED;
    for (const validate of validations) {
      const failure = validate(record);
      if (failure) return failure;
    }
    return { kind: "record", record: write(record) };
  };
}

/** The fields that a source is asked for. `undefined`: all that it has. */
export function wantedFields(tasks: readonly FlowTask[]): readonly string[] | undefined {
  const projected = projectionOf(tasks);
  return projected && [...new Set([...projected, ...comparisons(tasks).flatMap(({ fields }) => fields)])];
}

/** The fields that a flow goes on with. `undefined`: all. */
export function projectionOf(tasks: readonly FlowTask[]): readonly string[] | undefined {
  return tasks.find(({ operator }) => operator === "PROJECTION")?.fields;
}

/** The field that an `Arithmetic` or a `Merge` makes, for tasks behind it: by default named by its sources. */
export function temporaryName({ destination, fields }: FlowTask): string {
  return destination || fields.join(",");
}

/** Readers of the fields as the tasks so far have made and changed them. */
class RecordFields {
  readonly #projected: ReadonlySet<string> | undefined;
  readonly #readers = new Map<string, FieldReader>();
  /** Of the source's own fields, those that some task changes. */
  readonly changed = new Set<string>();

  constructor(projection: readonly string[] | undefined) {
    this.#projected = projection && new Set(projection);
  }

  get projection(): readonly string[] | undefined {
    return this.#projected && [...this.#projected];
  }

  reader(name: string): FieldReader {
    return this.#readers.get(name) ?? (this.#isRead(name) ? compileField(name) : () => undefined);
  }

  /** Adds a field that the source does not have. */
  make(name: string, reader: FieldReader): void {
    this.#readers.set(name, reader);
  }

  /** Changes a field, where a record has it. */
  change(name: string, change: (value: unknown) => unknown): void {
    const read = this.reader(name);
    if (!this.#readers.has(name)) this.changed.add(name);
    this.#readers.set(name, (record) => {
      const value = read(record);
      return isEmpty(value) ? value : change(value);
    });
  }

  /** A field within one that is projected is read with it. */
  #isRead(name: string): boolean {
    if (!this.#projected) return true;
    const steps = name.split(".");
    return steps.some((_, count) => this.#projected?.has(steps.slice(0, count + 1).join(".")));
  }
}

function compileValidation(
  { operator, properties }: FlowTask,
  field: string,
  read: FieldReader,
): (record: JsonObject) => TaskOutcome | undefined {
  const validation = VALIDATIONS[operator];
  if (!validation) throw new FlowDefinitionError(`ConnectorOperator: ${operator} validates nothing`);
  const action = properties.VALIDATION_ACTION ?? "DropRecord";
  if (action !== "DropRecord" && action !== "DropDataset") {
    throw new FlowDefinitionError(`TaskProperties.VALIDATION_ACTION: ${action} is neither DropRecord nor DropDataset`);
  }
  const { isValid, not } = validation;
  const failure: TaskOutcome = {
    kind: action === "DropRecord" ? "dropped" : "stop",
    reason: `${operator}: ${field} ${not}`,
  };
  return (record) => (isValid(read(record)) ? undefined : failure);
}

/** What is no number is neither zero nor negative. */
const VALIDATIONS: Readonly<Record<string, { isValid: (value: unknown) => boolean; not: string }>> = {
  VALIDATE_NON_NULL: { isValid: (value) => !isEmpty(value), not: "is missing" },
  VALIDATE_NON_ZERO: { isValid: (value) => numberOf(value) !== 0, not: "is 0" },
  VALIDATE_NON_NEGATIVE: { isValid: (value) => !((numberOf(value) ?? 0) < 0), not: "is negative" },
  VALIDATE_NUMERIC: { isValid: (value) => numberOf(value) !== undefined, not: "is no number" },
};

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A JSON number, or a decimal number as text. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const text = keptNumber(value) ?? value;
  return typeof text === "string" && NUMBER.test(text.trim()) ? Number(text) : undefined;
}

const ARITHMETIC: Readonly<Record<string, (one: number, other: number) => number>> = {
  ADDITION: (one, other) => one + other,
  SUBTRACTION: (one, other) => one - other,
  MULTIPLICATION: (one, other) => one * other,
  DIVISION: (one, other) => one / other,
};

/** Significant digits that a double has for certain. Rounded to them, 0.1 and 0.2 make 0.3. */
const DIGITS = 15;

/** Nothing where a field is no number, or by 0. */
function compileArithmetic(task: FlowTask, fields: RecordFields): FieldReader {
  const calculate = ARITHMETIC[task.operator];
  if (!calculate) throw new FlowDefinitionError(`ConnectorOperator: ${task.operator} is no arithmetic`);
  const readers = operandsOf(task).map((field) => fields.reader(field));
  return (record) => {
    const [first, ...others] = readers.map((read) => numberOf(read(record)));
    if (first === undefined || others.includes(undefined)) return undefined;
    const result = others.reduce<number>((sum, operand) => calculate(sum, operand ?? 0), first);
    if (!Number.isFinite(result)) return undefined;
    return Number.isSafeInteger(result) ? result : Number(result.toPrecision(DIGITS));
  };
}

/** In the order in which they are reckoned with. */
function operandsOf({ fields, properties }: FlowTask): readonly string[] {
  if (fields.length < 2) throw new FlowDefinitionError("SourceFields: arithmetic needs two fields");
  const { MATH_OPERATION_FIELDS_ORDER: order } = properties;
  if (order === undefined) return fields;
  const ordered = order.split(",").map((field) => field.trim());
  if (ordered.toSorted().join() !== fields.toSorted().join()) {
    throw new FlowDefinitionError(
      "TaskProperties.MATH_OPERATION_FIELDS_ORDER: it names other fields than SourceFields",
    );
  }
  return ordered;
}

/** Characters of a merged text: an object of Customer Profiles has fewer. Merges of merges would have no end. */
const MERGED_MAX = 262_144;

const PLACEHOLDER = /\$\{([^{}]*)\}/;

/** Nothing where all fields are empty. */
function compileMerge({ fields: names, properties }: FlowTask, fields: RecordFields): FieldReader {
  const { CONCAT_FORMAT: format = names.map((name) => `\${${name}}`).join(" ") } = properties;
  // The split has the texts at even places, and the names of placeholders between them.
  const parts = format.split(PLACEHOLDER);
  const foreign = parts.find((part, place) => place % 2 === 1 && !names.includes(part));
  if (foreign !== undefined) {
    throw new FlowDefinitionError(`TaskProperties.CONCAT_FORMAT: ${foreign} is none of the SourceFields`);
  }
  const compiled = parts.map((part, place) => (place % 2 === 0 ? part : fields.reader(part)));
  return (record) => {
    let text = "";
    let isFilled = false;
    for (const part of compiled) {
      if (typeof part === "string") text += part;
      else {
        const value = textOf(part(record)) ?? "";
        if (value !== "") isFilled = true;
        text += value;
      }
      if (text.length > MERGED_MAX) return text.slice(0, MERGED_MAX);
    }
    return isFilled ? text : undefined;
  };
}

/** What a `Mask` or a `Truncate` makes of a value. */
function changeOf(tasks: readonly FlowTask[], task: FlowTask): ((value: unknown) => string) | undefined {
  if (task.type === "Mask") return at(tasks, task, () => compileMask(task));
  if (task.type === "Truncate") return at(tasks, task, () => compileTruncation(task));
  return undefined;
}

/** Characters are those that people count: one emoji is one. */
function compileMask({ operator, properties }: FlowTask): (value: unknown) => string {
  const { MASK_VALUE: mask = "*" } = properties;
  if ([...mask].length !== 1) throw new FlowDefinitionError("TaskProperties.MASK_VALUE: it is one character");
  if (operator === "MASK_ALL") return (value) => mask.repeat([...(textOf(value) ?? "")].length);
  const length = countOf("MASK_LENGTH", properties);
  if (operator === "MASK_FIRST_N") {
    return (value) => {
      const characters = [...(textOf(value) ?? "")];
      return mask.repeat(Math.min(length, characters.length)) + characters.slice(length).join("");
    };
  }
  if (operator !== "MASK_LAST_N") throw new FlowDefinitionError(`ConnectorOperator: ${operator} masks nothing`);
  return (value) => {
    const characters = [...(textOf(value) ?? "")];
    const kept = Math.max(0, characters.length - length);
    return characters.slice(0, kept).join("") + mask.repeat(characters.length - kept);
  };
}

function compileTruncation({ properties }: FlowTask): (value: unknown) => string {
  const length = countOf("TRUNCATE_LENGTH", properties);
  return (value) => {
    const text = textOf(value) ?? "";
    return text.length <= length ? text : [...text].slice(0, length).join("");
  };
}

function countOf(name: "MASK_LENGTH" | "TRUNCATE_LENGTH", properties: FlowTask["properties"]): number {
  const text = required(name, properties[name]);
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new FlowDefinitionError(`TaskProperties.${name}: ${text} is no positive integer`);
  return Number(text);
}

type Output = (record: JsonObject) => JsonObject;

function compileOutput(tasks: readonly FlowTask[], fields: RecordFields, isDynamic: boolean): Output {
  const maps = ofType(tasks, "Map").map((task) => at(tasks, task, () => compileMap(task, fields)));
  const pass = compileCopy(fields);
  if (maps.length === 0) return pass;
  const named = new Set(tasks.flatMap((task) => task.fields));
  return (record) => {
    const made: MadeRecord = {};
    if (isDynamic) {
      const passed = pass(record);
      for (const name of Object.keys(passed)) if (!named.has(name)) setMember(made, name, passed[name]);
    }
    for (const map of maps) map(record, made);
    return made;
  };
}

/** The record under the names that its source has. */
function compileCopy(fields: RecordFields): Output {
  const { projection, changed } = fields;
  // A changed field may lie within one that is projected: it is written over that.
  const written = [...new Set([...(projection ?? []), ...changed])].map((name) => ({
    read: fields.reader(name),
    write: compilePassing(name),
  }));
  return (record) => {
    const made: MadeRecord = projection ? {} : { ...record };
    for (const { read, write } of written) {
      const value = read(record);
      if (value !== undefined) write(made, value, record);
    }
    return made;
  };
}

function compileMap(task: FlowTask, fields: RecordFields): (record: JsonObject, made: MadeRecord) => void {
  const [field = ""] = task.fields;
  const read = fields.reader(field);
  const write = compileWriter(task.destination ?? field);
  const convert = compileConversion(task.properties);
  return (record, made) => {
    const value = read(record);
    if (value !== undefined) write(made, convert(value));
  };
}

/** What `DESTINATION_DATA_TYPE` makes of a value of another type: nothing that would lose some of it. */
function compileConversion({
  SOURCE_DATA_TYPE,
  DESTINATION_DATA_TYPE,
}: FlowTask["properties"]): (value: unknown) => unknown {
  const type = DESTINATION_DATA_TYPE?.toLowerCase();
  if (type === SOURCE_DATA_TYPE?.toLowerCase()) return (value) => value;
  if (type === "string") return (value) => keptNumber(value) ?? (typeof value === "object" ? value : String(value));
  return (value) => value;
}

function comparisons(tasks: readonly FlowTask[]): readonly FlowTask[] {
  return ofType(tasks, "Filter").filter(({ operator }) => operator !== "PROJECTION");
}

function ofType(tasks: readonly FlowTask[], type: FlowTask["type"]): readonly FlowTask[] {
  return tasks.filter((task) => task.type === type);
}

/** Has what is wrong with a task begin with its place. */
function at<Made>(tasks: readonly FlowTask[], task: FlowTask, compile: () => Made): Made {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof FlowDefinitionError)) throw error;
    throw new FlowDefinitionError(`Tasks[${tasks.indexOf(task)}].${error.message}`, { cause: error });
  }
}
