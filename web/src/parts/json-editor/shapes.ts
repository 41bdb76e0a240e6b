/** What a document may look like: what an editor completes and checks with. Pure, so that it is tested without a browser. */

/** The shapes of a document. `GET /_trunkline/models/MODEL/OPERATION` answers with those of an operation's input. */
export interface Shapes {
  /** The name of the document's own shape; absent where it has none: an operation without input takes `{}`. */
  readonly input?: string;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export type Shape =
  | StructureShape
  | ListShape
  | { readonly type: "map"; readonly key: string; readonly value: string; readonly min?: number; readonly max?: number }
  | StringShape
  | { readonly type: "integer" | "long" | "float" | "double"; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" | "timestamp" | "blob" | "any" | "null"; readonly min?: number; readonly max?: number }
  | ChoiceShape
  | EitherShape;

export interface StructureShape {
  readonly type: "structure";
  readonly members: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  /** Exactly one member. */
  readonly union?: true;
  /** The shape of members that have any other name. Absent: there are none. */
  readonly others?: string;
}

export interface ListShape {
  readonly type: "list";
  readonly member: string;
  readonly min?: number;
  readonly max?: number;
}

export interface StringShape {
  readonly type: "string";
  readonly min?: number;
  readonly max?: number;
  /** A pattern of JavaScript, with the flag `u`. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Values that are good ones; others are not wrong. One that ends with `.` is the beginning of some. */
  readonly hints?: readonly string[];
}

/** An object whose shape is told by one of its own members: `{ "Operator": "AND", … }`. */
export interface ChoiceShape {
  readonly type: "choice";
  readonly by: string;
  readonly of: Readonly<Record<string, string>>;
  /** Where the member begins so. */
  readonly beginning?: Readonly<Record<string, string>>;
  readonly otherwise: string;
}

/** A value that may be of several kinds: a text or a list. The first that fits its kind is meant. */
export interface EitherShape {
  readonly type: "either";
  readonly of: readonly string[];
}

/** What a value is in JSON. */
export type Kind = "object" | "list" | "string" | "number" | "boolean" | "null";

/** Whether a value of that kind can be meant by a shape. */
export function fitsKind(shapes: Shapes, shape: Shape, kind: Kind): boolean {
  switch (shape.type) {
    case "structure":
    case "map":
    case "choice":
      return kind === "object";
    case "list":
      return kind === "list";
    case "string":
    case "blob":
      return kind === "string";
    case "boolean":
      return kind === "boolean";
    case "timestamp":
      return kind === "string" || kind === "number";
    case "any":
      return true;
    case "null":
      return kind === "null";
    case "either":
      return shape.of.some((name) => fitsKind(shapes, shapeNamed(shapes, name), kind));
    default:
      return kind === "number";
  }
}

const ANY: Shape = { type: "any" };

export function shapeNamed({ shapes }: Shapes, name: string | undefined): Shape {
  return (name !== undefined && Object.hasOwn(shapes, name) ? shapes[name] : undefined) ?? ANY;
}

/** The shape that is meant where one is chosen by what stands there. `read` tells the text of a member. */
export function meantShape(
  shapes: Shapes,
  shape: Shape,
  kind: Kind,
  read: (member: string) => string | undefined,
): Shape {
  if (shape.type === "either") {
    const of = shape.of.map((name) => shapeNamed(shapes, name));
    const fitting = of.find((one) => fitsKind(shapes, one, kind));
    return fitting === undefined ? shape : meantShape(shapes, fitting, kind, read);
  }
  if (shape.type !== "choice" || kind !== "object") return shape;
  const told = read(shape.by) ?? "";
  const named = Object.hasOwn(shape.of, told)
    ? shape.of[told]
    : Object.entries(shape.beginning ?? {}).find(([beginning]) => told.startsWith(beginning))?.[1];
  return meantShape(shapes, shapeNamed(shapes, named ?? shape.otherwise), kind, read);
}

/** Shapes can hold themselves. */
const LEVELS_MAX = 8;

/** A document with the members that must be there, empty; `known` are those whose values are clear. */
export function emptyDocument(shapes: Shapes, known: Readonly<Record<string, unknown>> = {}): object {
  const input = shapeNamed(shapes, shapes.input);
  if (input.type !== "structure") return {};
  const names = (input.required ?? []).map((name) => {
    const member = shapeNamed(shapes, input.members[name]);
    return [name, Object.hasOwn(known, name) ? known[name] : emptyOf({ shapes: {} }, member)] as const;
  });
  return Object.fromEntries(names);
}

/** An empty value; of a structure with what must be in it, as far as the shapes tell. */
export function emptyOf(shapes: Shapes, shape: Shape, level = 0): unknown {
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        (level > LEVELS_MAX ? [] : (shape.required ?? [])).flatMap((name) => {
          const member = shape.members[name];
          const isKnown = member !== undefined && Object.hasOwn(shapes.shapes, member);
          return isKnown ? [[name, emptyOf(shapes, shapeNamed(shapes, member), level + 1)]] : [];
        }),
      );
    case "map":
    case "choice":
      return {};
    case "list":
      return [];
    case "boolean":
      return false;
    case "integer":
    case "long":
    case "float":
    case "double":
      return shape.min ?? 0;
    case "string":
      return shape.enum?.[0] ?? "";
    default:
      return "";
  }
}
