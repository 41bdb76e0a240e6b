import type { Document } from "yaml";
import { isJsonObject } from "../../json-text.ts";
import { badRequest } from "../errors.ts";
import { nestsDeeper } from "../nesting.ts";
import { yaml } from "./yaml.ts";

export type Json = Readonly<Record<string, unknown>>;

/** "API definition size: 6 MB." */
const DOCUMENT_BYTES_MAX = 6 * 1024 * 1024;
/** YAML takes long to be read, and everybody else waits meanwhile. */
const YAML_BYTES_MAX = 1024 * 1024;
/** What takes the time: a megabyte of ordinary YAML has some 200,000 words and marks, one that is made to take long a million. */
const YAML_TOKENS_MAX = 250_000;
/** References that a YAML document may have to its own parts: some dozens of them can be a bomb. */
const ALIASES_MAX = 100;
/** What reads documents calls itself for each level. */
const DEPTH_MAX = 100;

/** An OpenAPI document from JSON or YAML. Throws with `refusal` for everything else. */
export function readDocument(body: Uint8Array, refusal = "Invalid OpenAPI input."): Json {
  if (body.byteLength > DOCUMENT_BYTES_MAX) throw badRequest("API definition exceeds the maximum size of 6 MB");
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  const document = readJson(text) ?? readYaml(text);
  if (!isJsonObject(document) || nestsDeeper(document, DEPTH_MAX)) throw badRequest(refusal);
  return document;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Then it may be YAML.
    return undefined;
  }
}

function readYaml(text: string): unknown {
  if (text.length > YAML_BYTES_MAX)
    throw badRequest("API definitions in YAML may have at most 1 MB; convert it to JSON");
  try {
    if (!isSoonRead(text)) return undefined;
    const document = yaml().parseDocument(text, {
      schema: "core",
      merge: true,
      uniqueKeys: false,
      prettyErrors: false,
    });
    if (document.errors.length > 0 || !yaml().isMap(document.contents) || hasKeyTwice(document)) return undefined;
    // Through JSON, so that nothing is shared and keys are texts.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: ALIASES_MAX })));
  } catch {
    // Not YAML either, or a bomb: the caller says so.
    return undefined;
  }
}

/** Looks at words and marks alone, which takes a fraction of what reading them takes. */
function isSoonRead(text: string): boolean {
  let tokens = 0;
  let depth = 0;
  for (const token of new (yaml().Lexer)().lex(text)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (++tokens > YAML_TOKENS_MAX || depth > DEPTH_MAX) return false;
  }
  return true;
}

/** The library compares each key with each. */
function hasKeyTwice(document: Document.Parsed): boolean {
  let isTwice = false;
  yaml().visit(document, {
    Map(_, { items }) {
      const names = items.map(({ key }) => (yaml().isScalar(key) ? key.value : key)).filter((name) => name !== "<<");
      if (new Set(names).size === names.length) return undefined;
      isTwice = true;
      return yaml().visit.BREAK;
    },
  });
  return isTwice;
}

/** A member that is an object; an empty one where there is none. */
export function objectAt(value: unknown, ...names: readonly string[]): Json {
  let found: unknown = value;
  for (const name of names) found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return isJsonObject(found) ? found : {};
}

export function textAt(value: Json, name: string): string | undefined {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof found === "string" ? found : typeof found === "number" ? String(found) : undefined;
}

/** A map whose values are texts; numbers and truths are made texts. */
export function textMap(value: unknown): Record<string, string> | undefined {
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).map(([key, one]): [string, string] => [
    key,
    typeof one === "string" ? one : JSON.stringify(one),
  ]);
  return Object.fromEntries(entries);
}

export function textList(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : undefined;
}

/** How many references may lead on to references. */
const REFERENCES_MAX = 10;

/** What a local reference (`#/components/…`) stands for; a value that is none is itself. */
export function resolved(document: Json, value: unknown): Json {
  let found: unknown = value;
  for (let count = 0; count < REFERENCES_MAX; count++) {
    const reference = isJsonObject(found) ? found.$ref : undefined;
    if (typeof reference !== "string" || !reference.startsWith("#/")) break;
    const path = reference
      .slice(2)
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    found = objectAt(document, ...path);
  }
  return isJsonObject(found) ? found : {};
}
