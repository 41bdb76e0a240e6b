import type { Reference, ReferenceType } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { References } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";

/** All references of a contact together, in UTF-8 bytes of names and values. */
const REFERENCES_BYTES_MAX = 4_096;

/** "Contacts can have the following reference types at the time of creation." Attachments come by uploading them. */
const TYPES_BY_CALLER: readonly ReferenceType[] = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];

/** The references of a contact with those that a request adds or overwrites. */
export function mergeReferences(
  before: References | undefined,
  added: Readonly<Record<string, Validated<Reference>>> | undefined,
): References | undefined {
  if (added === undefined) return before;

  const changes = Object.entries(added).map(([name, { Type: type, Value: value }]) => {
    if (!TYPES_BY_CALLER.includes(type)) throw invalidParameter(`Reference ${name} may not be of type ${type}`);
    return [name, { type, value }] as const;
  });
  const references: References = { ...before, ...Object.fromEntries(changes) };
  const bytes = Object.entries(references).reduce(
    (sum, [name, { value = "" }]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > REFERENCES_BYTES_MAX) throw invalidParameter(`References exceed ${REFERENCES_BYTES_MAX} bytes`);
  return references;
}
