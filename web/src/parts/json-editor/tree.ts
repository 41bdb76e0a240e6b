/** A JSON text as a tree with places, also while it is not yet JSON. */
import { jsonLanguage } from "@codemirror/lang-json";
import { type Kind, meantShape, type Shape, type Shapes, shapeNamed } from "./shapes.ts";

export type Tree = ReturnType<typeof jsonLanguage.parser.parse>;
export type Node = Tree["topNode"];

/** A text with its tree. */
export interface Parsed {
  readonly text: string;
  readonly tree: Tree;
}

export function parseJson(text: string): Parsed {
  return { text, tree: jsonLanguage.parser.parse(text) };
}

const KINDS: Readonly<Record<string, Kind>> = {
  Object: "object",
  Array: "list",
  String: "string",
  Number: "number",
  True: "boolean",
  False: "boolean",
  Null: "null",
};

export function kindOf(node: Node): Kind | undefined {
  return KINDS[node.name];
}

/** The one value of the document; `undefined` where there is none. */
export function rootValue({ tree }: Parsed): Node | undefined {
  return valuesIn(tree.topNode)[0];
}

/** The values right below a list, a property or the document. */
export function valuesIn(node: Node): Node[] {
  const found: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (kindOf(child) !== undefined) found.push(child);
  }
  return found;
}

export interface Property {
  readonly name: string;
  readonly nameNode: Node;
  /** `undefined`: not written yet. */
  readonly value: Node | undefined;
}

export function propertiesOf(parsed: Parsed, object: Node): Property[] {
  return object.getChildren("Property").flatMap((property) => {
    const nameNode = property.getChild("PropertyName");
    return nameNode ? [{ name: stringAt(parsed, nameNode), nameNode, value: valuesIn(property)[0] }] : [];
  });
}

/** The text that a string stands for; of one that is not right yet, what stands between its quotes. */
export function stringAt({ text }: Parsed, { from, to }: Node): string {
  const written = text.slice(from, to);
  try {
    return String(JSON.parse(written));
  } catch {
    return written.replace(/^"|"$/g, "");
  }
}

/** The shape of a value: from the document down, as far as the shapes tell. */
export function shapeAt(parsed: Parsed, shapes: Shapes, value: Node): Shape {
  const { parent } = value;
  const kind = kindOf(value) ?? "null";
  const meant = (shape: Shape): Shape => meantShape(shapes, shape, kind, memberText(parsed, value));
  if (!parent || parent.name === "JsonText") return meant(shapeNamed(shapes, shapes.input));
  return meant(declaredShape(parsed, shapes, value));
}

/** What stands above a value says of it: the shape that any value at its place would have. */
export function declaredShape(parsed: Parsed, shapes: Shapes, value: Node): Shape {
  const { parent } = value;
  if (!parent || parent.name === "JsonText") return shapeNamed(shapes, shapes.input);
  if (parent.name === "Array") {
    const list = shapeAt(parsed, shapes, parent);
    return shapeNamed(shapes, list.type === "list" ? list.member : undefined);
  }
  const name = parent.getChild("PropertyName");
  if (!parent.parent || !name) return shapeNamed(shapes, undefined);
  return memberShape(shapes, shapeAt(parsed, shapes, parent.parent), stringAt(parsed, name));
}

export function memberShape(shapes: Shapes, shape: Shape, name: string): Shape {
  if (shape.type === "map") return shapeNamed(shapes, shape.value);
  if (shape.type !== "structure") return shapeNamed(shapes, undefined);
  return shapeNamed(shapes, Object.hasOwn(shape.members, name) ? shape.members[name] : shape.others);
}

/** Reads a member of an object that is a text. */
export function memberText(parsed: Parsed, object: Node): (member: string) => string | undefined {
  return (member) => {
    if (object.name !== "Object") return undefined;
    const value = propertiesOf(parsed, object).find(({ name }) => name === member)?.value;
    return value?.name === "String" ? stringAt(parsed, value) : undefined;
  };
}

/** A step down: a member's name, or a place in a list. */
export type Step = string | number;

/**
 * The node that steps lead to; where they lead out of the document, the last one that is there. `same` says which names are one: servers
 * spell some with a small letter.
 */
export function nodeAt(
  parsed: Parsed,
  steps: readonly Step[],
  same: (written: string, step: string) => boolean = (written, step) => written === step,
): Node | undefined {
  let node = rootValue(parsed);
  for (const step of steps) {
    if (!node) return undefined;
    const next: Node | undefined =
      typeof step === "number"
        ? valuesIn(node)[step]
        : propertiesOf(parsed, node).find(({ name }) => same(name, step))?.value;
    if (!next) return node;
    node = next;
  }
  return node;
}
