/** What may be written at a place: names of members that are not there yet, and values. */
import { type Shape, type Shapes, shapeNamed } from "./shapes.ts";
import {
  declaredShape,
  kindOf,
  memberShape,
  type Node,
  type Parsed,
  propertiesOf,
  rootValue,
  shapeAt,
  stringAt,
} from "./tree.ts";

/** Something to choose. `text` replaces what stands from `from` to `to` of `Choices`; the cursor goes to `cursor` of it. */
export interface Choice {
  readonly label: string;
  readonly detail: string;
  readonly text: string;
  readonly cursor: number;
  readonly isRequired: boolean;
}

export interface Choices {
  readonly from: number;
  readonly to: number;
  readonly choices: readonly Choice[];
}

export function choicesAt(parsed: Parsed, shapes: Shapes, at: number): Choices | undefined {
  const place = placeAt(parsed, at);
  if (!place) return undefined;
  const { from, to } = place;
  const choices =
    place.kind === "name"
      ? nameChoices(parsed, shapes, place)
      : valueChoices(shapes, valueShape(parsed, shapes, place));
  return choices.length > 0 ? { from, to, choices } : undefined;
}

type Place =
  | { readonly kind: "name"; readonly object: Node; readonly from: number; readonly to: number; readonly own?: string }
  | {
      readonly kind: "value";
      readonly within: Node;
      readonly member?: string;
      readonly value?: Node;
      readonly from: number;
      readonly to: number;
    };

function placeAt(parsed: Parsed, at: number): Place | undefined {
  const { tree, text } = parsed;
  const inner = tree.resolveInner(at, -1);
  const isInside = inner.from < at && (at < inner.to || !/["}\]]/.test(text.charAt(at - 1)) || isOpen(parsed, inner));
  if (inner.name === "PropertyName" && isInside && inner.parent?.parent) {
    return { kind: "name", object: inner.parent.parent, from: inner.from, to: inner.to, own: stringAt(parsed, inner) };
  }
  if (kindOf(inner) !== undefined && inner.name !== "Object" && inner.name !== "Array") {
    return isInside || inner.name !== "String"
      ? { kind: "value", within: inner, value: inner, from: inner.from, to: inner.to }
      : undefined;
  }
  return betweenAt(parsed, inner, at);
}

/** Where no token stands: what comes before tells what may come. */
function betweenAt(parsed: Parsed, inner: Node, at: number): Place | undefined {
  const { text } = parsed;
  const word = /[\w"$.-]*$/.exec(text.slice(Math.max(0, at - 100), at))?.[0] ?? "";
  const from = at - word.length;
  const before = text.slice(0, from).trimEnd().at(-1);
  let around: Node | null = inner;
  while (around && !["Object", "Array", "Property", "JsonText"].includes(around.name)) around = around.parent;
  if (!around) return undefined;
  if (around.name === "Property" && before === ":" && around.parent) {
    const name = around.getChild("PropertyName");
    return name ? { kind: "value", within: around.parent, member: stringAt(parsed, name), from, to: at } : undefined;
  }
  const container = around.name === "Property" ? around.parent : around;
  if (!container) return undefined;
  if (container.name === "Object" && (before === "{" || before === ",")) {
    return { kind: "name", object: container, from, to: at };
  }
  if (container.name === "Array" && (before === "[" || before === ",")) {
    return { kind: "value", within: container, from, to: at };
  }
  if (container.name === "JsonText" && rootValue(parsed) === undefined) {
    return { kind: "value", within: container, from, to: at };
  }
  return undefined;
}

/** Whether a string has no quote at its end. */
function isOpen({ text }: Parsed, { from, to }: Node): boolean {
  return to - from < 2 || text.charAt(to - 1) !== '"';
}

function nameChoices(parsed: Parsed, shapes: Shapes, place: Place & { readonly kind: "name" }): Choice[] {
  const shape = shapeAt(parsed, shapes, place.object);
  if (shape.type !== "structure") return [];
  const present = new Set(propertiesOf(parsed, place.object).map(({ name }) => name));
  const required = new Set(shape.required);
  const hasValue = /^\s*:/.test(parsed.text.slice(place.to));
  return Object.keys(shape.members)
    .filter((name) => name === place.own || !present.has(name))
    .map((name) => {
      const of = memberShape(shapes, shape, name);
      const value = hasValue ? "" : `: ${emptyValue(shapes, of)}`;
      const text = `${JSON.stringify(name)}${value}`;
      const cursor = /["[{][\]"}]$/.test(value) ? text.length - 1 : text.length;
      return { label: name, detail: detailOf(shapes, of), text, cursor, isRequired: required.has(name) };
    });
}

function valueShape(parsed: Parsed, shapes: Shapes, place: Place & { readonly kind: "value" }): Shape {
  const { within, member, value } = place;
  if (value) return declaredShape(parsed, shapes, value);
  const around = within.name === "JsonText" ? shapeNamed(shapes, shapes.input) : shapeAt(parsed, shapes, within);
  if (member !== undefined) return memberShape(shapes, around, member);
  if (within.name === "Array") return shapeNamed(shapes, around.type === "list" ? around.member : undefined);
  return around;
}

function valueChoices(shapes: Shapes, shape: Shape): Choice[] {
  const choice = (text: string, detail = "", cursor = text.length): Choice => ({
    label: text.replace(/^"|"$/g, "") || text,
    detail,
    text,
    cursor,
    isRequired: false,
  });
  switch (shape.type) {
    case "string": {
      const values = shape.enum ?? shape.hints ?? [];
      return values.map((value) => {
        const text = JSON.stringify(value);
        return choice(text, "", value.endsWith(".") ? text.length - 1 : text.length);
      });
    }
    case "boolean":
      return [choice("true"), choice("false")];
    case "null":
      return [choice("null")];
    case "structure":
    case "map":
    case "choice":
      return [choice("{}", "an object", 1)];
    case "list":
      return [choice("[]", "a list", 1)];
    case "either":
      return shape.of.flatMap((name) => valueChoices(shapes, shapeNamed(shapes, name)));
    default:
      return [];
  }
}

function emptyValue(shapes: Shapes, shape: Shape): string {
  switch (shape.type) {
    case "structure":
    case "map":
    case "choice":
      return "{}";
    case "list":
      return "[]";
    case "string":
    case "blob":
    case "timestamp":
      return '""';
    case "either":
      return emptyValue(shapes, shapeNamed(shapes, shape.of[0]));
    default:
      return "";
  }
}

function detailOf(shapes: Shapes, shape: Shape): string {
  switch (shape.type) {
    case "structure":
    case "map":
    case "choice":
      return "object";
    case "list":
      return "list";
    case "string":
      return shape.enum ? "one of some" : "text";
    case "either":
      return shape.of.map((name) => detailOf(shapes, shapeNamed(shapes, name))).join(" or ");
    case "any":
      return "";
    default:
      return shape.type;
  }
}
