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
