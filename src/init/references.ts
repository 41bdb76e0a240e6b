/** `${Queues.Sales.Arn}`: what one resource says of another, wherever a text may stand. */
import { nearest } from "../models/nearest.ts";
import type { Attributes } from "./kind.ts";
import { kindOf, kinds } from "./kinds/index.ts";

export interface Reference {
  /** As it is written, `${` and `}` included. */
  readonly text: string;
  readonly section: string;
  readonly name: string;
  readonly attribute: string;
}

const WRITTEN = /(?<!\$)\$\{([A-Za-z]+)\.([^{}]+)\}/g;

/** All references of a text. What looks like one and names no kind is somebody else's, such as a policy's variable. */
export function referencesOf(text: string): readonly Reference[] {
  return [...text.matchAll(WRITTEN)].flatMap(([whole, section = "", rest = ""]) => {
    const kind = kindOf(section);
    if (!kind) return [];
    const attributes = Object.keys(kind.attributes);
    const [, name, attribute] = /^(.*)\.([A-Za-z]+)$/.exec(rest) ?? [];
    return name !== undefined && attribute !== undefined && attributes.includes(attribute)
      ? [{ text: whole, section, name, attribute }]
      : [{ text: whole, section, name: rest, attribute: attributes[0] ?? "Id" }];
  });
}

/** The section that a misspelt reference most likely means. */
export function misspelt(text: string): { readonly written: string; readonly meant: string } | undefined {
  const sections = kinds.map(({ section }) => section);
  for (const [written, section = ""] of text.matchAll(WRITTEN)) {
    if (kindOf(section) || !/^[A-Z]/.test(section)) continue;
    const meant = nearest(section, sections);
    if (meant !== undefined) return { written, meant };
  }
  return undefined;
}

export function referenceTo(section: string, name: string, attribute?: string): string {
  return `\${${section}.${name}${attribute === undefined ? "" : `.${attribute}`}}`;
}

/** A value with its texts' references replaced; `find` answers `undefined` for what is not known yet, which stays as it is. */
export function replaced(
  value: unknown,
  find: (reference: Reference) => string | undefined,
  world: Attributes,
): unknown {
  if (typeof value === "string") return replacedText(value, find, world);
  if (Array.isArray(value)) return value.map((item) => replaced(item, find, world));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [replacedText(key, find, world), replaced(item, find, world)]),
  );
}

function replacedText(text: string, find: (reference: Reference) => string | undefined, world: Attributes): string {
  if (!text.includes("${")) return text;
  let result = text;
  for (const reference of referencesOf(text)) {
    const found = find(reference);
    if (found !== undefined) result = result.replaceAll(reference.text, () => found);
  }
  for (const name of ["AccountId", "Region"]) {
    result = result.replaceAll(new RegExp(`(?<!\\$)\\$\\{${name}\\}`, "g"), () => world[name] ?? "");
  }
  return result.replaceAll(/\$\$\{(?=[A-Za-z]+[.}])/g, "${");
}
