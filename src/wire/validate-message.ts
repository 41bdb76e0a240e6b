/** Problems in the words of the services. Grammar: `integration-plane` 1.3. */
import type { Dialect } from "../models/catalog.ts";
import type { ServiceModel } from "../models/model.ts";
import { shapeNamed } from "../models/shapes.ts";
import type { Place, Problem } from "./validate.ts";

/** Values are shown up to here: the services quote them whole, but a message need not be as long as the request. */
const SHOWN_CHARACTERS_MAX = 2048;

/** One message for all problems (of which there is at least one). */
export function problemsMessage(model: ServiceModel, problems: readonly Problem[], style: Dialect["messages"]): string {
  if (style === "sqs") return sqsMessage(model, problems);
  const count = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
  const sentences = problems.map((problem) => {
    const shown = style === "coral" ? `Value ${shownValue(model, problem)}` : "Value";
    return `${shown} at '${pathOf(problem.place)}' failed to satisfy constraint: ${problem.rule}`;
  });
  return `${count} detected: ${sentences.join("; ")}`;
}

/** SQS reports one problem at a time, and knows no constraints but required members and its attributes' names. */
function sqsMessage(model: ServiceModel, problems: readonly Problem[]): string {
  const missing = problems.find(({ kind }) => kind === "missing");
  if (missing !== undefined) return `The request must contain the parameter ${pathOf(missing.place, (name) => name)}.`;
  const names = problems.flatMap(({ shape, value }) => unknownNames(model, shape, value));
  return `Unknown Attribute ${String(names[0]).slice(0, SHOWN_CHARACTERS_MAX)}.`;
}

/** What an enumeration does not have of a value, of a list's elements or of a map's keys. */
function unknownNames(model: ServiceModel, shapeName: string, value: unknown): unknown[] {
  const shape = shapeNamed(model, shapeName);
  if (shape.type === "list")
    return (value as unknown[]).flatMap((element) => unknownNames(model, shape.member.shape, element));
  if (shape.type === "map")
    return Object.keys(value as object).flatMap((key) => unknownNames(model, shape.key.shape, key));
  return shape.type === "string" && shape.enum?.includes(value as string) ? [] : [value];
}

/** `targets.1.member.id`. */
function pathOf(place: Place, spell: (segment: string) => string = lowerFirst): string {
  const segment = spell(place.segment);
  return place.parent === undefined ? segment : `${pathOf(place.parent, spell)}.${segment}`;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function shownValue(model: ServiceModel, { value, shape }: Problem): string {
  if (value === undefined) return "null";
  const text = show(model, shape, value, SHOWN_CHARACTERS_MAX);
  return `'${text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text}'`;
}

/** As Java prints it. `room` bounds the work for values that are big: what lies beyond is not printed at all. */
function show(model: ServiceModel, shapeName: string, value: unknown, room: number): string {
  const shape = shapeNamed(model, shapeName);
  if (value === undefined || value === null) return "null";
  if (shape.sensitive) return "***Sensitive Data Redacted***";
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (value instanceof Date) return value.toISOString();
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members).map(
        ([name, member]): Part => [`${lowerFirst(name)}=`, member.shape, name],
      );
      return `${shapeName}(${showParts(model, members, value, room)})`;
    }
    case "list":
      return `[${showParts(
        model,
        [...(value as unknown[]).keys()].map((key): Part => ["", shape.member.shape, key]),
        value,
        room,
      )}]`;
    case "map":
      return `{${showParts(
        model,
        Object.keys(value).map((key): Part => [`${key}=`, shape.value.shape, key]),
        value,
        room,
      )}}`;
    default:
      return String(value);
  }
}

type Part = readonly [label: string, shape: string, key: string | number];

function showParts(model: ServiceModel, parts: readonly Part[], value: object, room: number): string {
  let text = "";
  for (const [label, shape, key] of parts) {
    if (text.length > room) break;
    const part = show(model, shape, (value as Record<string | number, unknown>)[key], room - text.length);
    text += `${text === "" ? "" : ", "}${label}${part}`;
  }
  return text;
}
