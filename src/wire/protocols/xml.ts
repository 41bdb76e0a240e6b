/** Values by the model from XML and back. Lists and maps are wrapped unless they are flattened. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { ListShape, MapShape, Member, ServiceModel, Shape, StructureShape } from "../../models/model.ts";
import { shapeNamed, structureNamed } from "../../models/shapes.ts";
import { assertNesting, Malformed } from "./malformed.ts";
import { formatText, parseText } from "./text.ts";
import { bodyMembers, setEntry } from "./tree.ts";

/**
 * What the parser makes of an element: its text, or its children by name (always in a list), with attributes as `@name` and text
 * among children as `#text`.
 */
type Node = string | { readonly [name: string]: readonly Node[] | string };

interface Parser {
  parse(text: string, validate: true): Record<string, readonly Node[]>;
}

const require = createRequire(import.meta.url);
let parser: Parser | undefined;

/** Loaded with the first XML body: most requests never have one. */
function loadedParser(): Parser {
  if (parser === undefined) {
    const { XMLParser } = require("fast-xml-parser") as typeof import("fast-xml-parser");
    parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      parseTagValue: false,
      parseAttributeValue: false,
      trimValues: false,
      // Without it the parser knows no characters by their numbers, as clients write a line feed in a key.
      htmlEntities: true,
      ignoreDeclaration: true,
      ignorePiTags: true,
      isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
    }) as unknown as Parser;
  }
  return parser;
}

/** The structure that an XML document stands for; the root's name does not matter. Throws `Malformed`. */
export function parseXml(model: ServiceModel, shapeName: string, body: Buffer): Record<string, unknown> {
  const text = body.toString("utf8");
  // No service takes document types, and what they can declare (entities) is only ever an attack.
  if (text.includes("<!DOCTYPE")) throw malformedXml();
  let document: Record<string, readonly Node[]>;
  try {
    document = loadedParser().parse(text, true);
  } catch {
    throw malformedXml();
  }
  const [root, ...others] = Object.entries(document).flatMap(([name, nodes]) => (name === "#text" ? [] : nodes));
  if (root === undefined || others.length > 0) throw malformedXml();
  return decodeStructure(model, structureNamed(model, shapeName), root, 0);
}

function malformedXml(): Malformed {
  return new Malformed(
    "malformed",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

function decodeStructure(
  model: ServiceModel,
  shape: StructureShape,
  node: Node,
  level: number,
): Record<string, unknown> {
  assertNesting(level);
  const value: Record<string, unknown> = {};
  for (const [name, member] of bodyMembers(shape)) {
    const decoded = decodeMember(model, name, member, node, level + 1);
    if (decoded !== undefined) value[name] = decoded;
  }
  return value;
}

function decodeMember(model: ServiceModel, name: string, member: Member, parent: Node, level: number): unknown {
  const key = member.locationName ?? name;
  const shape = shapeNamed(model, member.shape);
  if (member.xmlAttribute) return typeof parent === "object" ? (parent[`@${key}`] as string | undefined) : undefined;
  const nodes = children(parent, key);
  const [first] = nodes;
  if (first === undefined) return undefined;
  if (shape.type !== "list" && shape.type !== "map") return decodeNode(model, shape, first, level);
  if (isFlattened(shape, member)) return decodeElements(model, shape, nodes, level);
  const inner = shape.type === "list" ? (shape.member.locationName ?? "member") : "entry";
  return decodeElements(model, shape, children(first, inner), level);
}

function decodeElements(
  model: ServiceModel,
  shape: ListShape | MapShape,
  nodes: readonly Node[],
  level: number,
): unknown {
  assertNesting(level);
  if (shape.type === "list")
    return nodes.map((node) => decodeNode(model, shapeNamed(model, shape.member.shape), node, level + 1));
  const value: Record<string, unknown> = {};
  for (const entry of nodes) {
    const key = children(entry, shape.key.locationName ?? "key")[0];
    const element = children(entry, shape.value.locationName ?? "value")[0];
    if (key !== undefined && element !== undefined) {
      setEntry(value, textOf(key), decodeNode(model, shapeNamed(model, shape.value.shape), element, level + 1));
    }
  }
  return value;
}

function decodeNode(model: ServiceModel, shape: Shape, node: Node, level: number): unknown {
  if (shape.type === "structure") return decodeStructure(model, shape, node, level);
  // Whitespace around a number is layout; in a string it may be meant.
  return parseText(shape, shape.type === "string" ? textOf(node) : textOf(node).trim());
}

function children(node: Node, name: string): readonly Node[] {
  const found = typeof node === "object" && Object.hasOwn(node, name) ? node[name] : undefined;
  return Array.isArray(found) ? found : [];
}

function textOf(node: Node): string {
  if (typeof node === "string") return node;
  const text = node["#text"];
  return typeof text === "string" ? text : "";
}

/** How an XML answer is spelled. */
export interface XmlStyle {
  /** SQS: lists and maps are flattened, under the names of its older query protocol. */
  readonly queryNames: boolean;
}

/** The children of a structure's element. A value that does not fit its shape is our own mistake. */
export function formatXml(model: ServiceModel, shapeName: string, value: unknown, style: XmlStyle): string {
  return formatChildren(model, structureNamed(model, shapeName), value, style);
}

/** `<name attributes>content</name>`. */
export function element(name: string, content: string, attributes = ""): string {
  return `<${name}${attributes}>${content}</${name}>`;
}

export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold them in any spelling.
  const allowed = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
  return allowed.replace(/[&<>"\r]/g, (character) => entities[character] ?? character);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

function formatChildren(model: ServiceModel, shape: StructureShape, value: unknown, style: XmlStyle): string {
  assert.ok(typeof value === "object" && value !== null, "a structure");
  let xml = "";
  for (const [name, member] of bodyMembers(shape)) {
    const child = (value as Record<string, unknown>)[name];
    if (child !== undefined && child !== null && !member.xmlAttribute)
      xml += formatMember(model, name, member, child, style);
  }
  return xml;
}

function formatMember(model: ServiceModel, name: string, member: Member, value: unknown, style: XmlStyle): string {
  const shape = shapeNamed(model, member.shape);
  const tag = member.locationName ?? name;
  if (shape.type !== "list" && shape.type !== "map") return formatElement(model, tag, member, value, style);
  const flattened = style.queryNames || isFlattened(shape, member);
  const itemTag = style.queryNames ? (shape.queryName ?? tag) : tag;
  if (shape.type === "list") {
    assert.ok(Array.isArray(value), `${member.shape} is a list`);
    const inner = flattened ? itemTag : (shape.member.locationName ?? "member");
    const items = value.map((item) => formatElement(model, inner, shape.member, item, style)).join("");
    return flattened ? items : element(tag, items);
  }
  const entries = Object.entries(value as Record<string, unknown>).map(([key, item]) =>
    element(flattened ? itemTag : "entry", formatEntry(model, shape, key, item, style)),
  );
  return flattened ? entries.join("") : element(tag, entries.join(""));
}

function formatEntry(model: ServiceModel, shape: MapShape, key: string, value: unknown, style: XmlStyle): string {
  return (
    element(shape.key.locationName ?? "key", escapeXml(key)) +
    formatElement(model, shape.value.locationName ?? "value", shape.value, value, style)
  );
}

function formatElement(model: ServiceModel, tag: string, member: Member, value: unknown, style: XmlStyle): string {
  const shape = shapeNamed(model, member.shape);
  if (shape.type === "structure") {
    return element(tag, formatChildren(model, shape, value, style), formatAttributes(model, shape, value));
  }
  if (shape.type === "list" || shape.type === "map") {
    return element(tag, formatMember(model, tag, { ...member, flattened: true }, value, style));
  }
  return element(tag, escapeXml(formatText(shape, member, value, "iso8601")));
}

function formatAttributes(model: ServiceModel, shape: StructureShape, value: unknown): string {
  const { xmlNamespace } = shape;
  let attributes = xmlNamespace?.prefix ? ` xmlns:${xmlNamespace.prefix}="${escapeXml(xmlNamespace.uri)}"` : "";
  for (const [name, member] of bodyMembers(shape)) {
    const attribute = (value as Record<string, unknown>)[name];
    if (!member.xmlAttribute || attribute === undefined || attribute === null) continue;
    const text = formatText(shapeNamed(model, member.shape), member, attribute, "iso8601");
    attributes += ` ${member.locationName ?? name}="${escapeXml(text)}"`;
  }
  return attributes;
}

function isFlattened(shape: ListShape | MapShape, member: Member): boolean {
  return shape.flattened === true || member.flattened === true;
}
