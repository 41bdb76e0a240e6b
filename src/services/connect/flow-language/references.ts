/**
 * References: `$.Attributes.tier`, `$.Attributes['my key']`, `$.External.orders[0].id`. A value may be one, or hold some in its text.
 *
 * `$` followed by anything but a dot and a letter is text: "from $5", "US$.50".
 */

/** What references can begin with ("List of available contact attributes and their JSONPath references"). */
const ROOTS: ReadonlySet<string> = new Set([
  "Agent",
  "Attributes",
  "AwsRegion",
  "Case",
  "Channel",
  "ContactId",
  "Customer",
  "CustomerCallbackNumber",
  "CustomerEndpoint",
  "CustomerId",
  "DataTables",
  "Description",
  "Email",
  "External",
  "FlowAttributes",
  "InitialContactId",
  "InitiationMethod",
  "InstanceARN",
  "LanguageCode",
  "Lex",
  "Loop",
  "Media",
  "MediaStreams",
  "Metrics",
  "Modules",
  "Name",
  "PreviousContactId",
  "Queue",
  "References",
  "RelatedContactId",
  "SegmentAttributes",
  "StoredCustomerInput",
  "SystemEndpoint",
  "Tags",
  "Task",
  "TextToSpeechVoiceId",
  "Views",
]);

/** A key behind a root: `.tier`, `['my key']`, `.['my key']`, `[0]`. No part of it can be read in two ways, so time grows with the text alone. */
const KEY = String.raw`(?:\.[\p{L}\p{N}_-]+|\.?\['[^']*'\]|\[\d+\])`;

const REFERENCES = new RegExp(String.raw`\$\.(\p{L}[\p{L}\p{N}_-]*)${KEY}*`, "gu");

/** Whether a value is a reference as a whole, to something that flows have. */
export function isReference(value: string): boolean {
  const [reference] = value.matchAll(REFERENCES);
  return reference?.[0] === value && ROOTS.has(reference[1] ?? "");
}

/** Whether a value holds anything that would be replaced. */
export function hasReference(value: string): boolean {
  return value.search(REFERENCES) >= 0;
}

/** Whether all references in a text are to something that flows have. */
export function hasKnownReferences(text: string): boolean {
  return [...text.matchAll(REFERENCES)].every(([, root = ""]) => ROOTS.has(root));
}

/** The path of a reference: its root, then its keys. `$.Attributes['my key']` is `["Attributes", "my key"]`. */
export type ReferencePath = readonly [root: string, ...keys: string[]];

/** The roots of all references in a text. */
export function rootsIn(text: string): readonly string[] {
  return text.includes("$.") ? [...text.matchAll(REFERENCES)].map(([, root = ""]) => root) : [];
}

/**
 * A text with its references replaced. One that is a reference as a whole becomes its value, of whatever type; within other text a
 * value that is missing or is no text, number or boolean leaves nothing behind (our choice).
 */
export function resolveReferences(text: string, valueAt: (path: ReferencePath) => unknown): unknown {
  if (!text.includes("$.")) return text;
  if (isReference(text)) return valueAt(pathOf(text));
  return text.replaceAll(REFERENCES, (reference) => textOf(valueAt(pathOf(reference))) ?? "");
}

/** A value as text, where it has one. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

const KEYS = /\.?\['([^']*)'\]|\.([^.[]+)|\[(\d+)\]/gu;

function pathOf(reference: string): ReferencePath {
  const rootEnd = reference.slice(2).search(/[.[]/);
  if (rootEnd < 0) return [reference.slice(2)];
  const keys = [...reference.slice(2 + rootEnd).matchAll(KEYS)].map(
    ([, quoted, plain, index]) => quoted ?? plain ?? index ?? "",
  );
  return [reference.slice(2, 2 + rootEnd), ...keys];
}
