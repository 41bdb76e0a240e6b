import type {
  ListContactReferencesRequest,
  ListContactReferencesResponse,
  Reference,
  ReferenceSummary,
  ReferenceType,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { getContact, type References } from "./contacts.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** All references of a contact together, in UTF-8 bytes of names and values. */
const REFERENCES_BYTES_MAX = 4_096;

/** "Contacts can have the following reference types at the time of creation." Attachments come by uploading them. */
const TYPES_BY_CALLER: readonly ReferenceType[] = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];

/** References of a page. The documentation gives no number. */
const PAGE_SIZE = 100;

/** How the API names a reference of a type. */
const SUMMARY_NAMES: Readonly<Partial<Record<ReferenceType, string>>> = {
  URL: "Url",
  NUMBER: "Number",
  STRING: "String",
  DATE: "Date",
  EMAIL: "Email",
};

export async function listContactReferences(
  input: Validated<ListContactReferencesRequest>,
  context: Context,
): Promise<ListContactReferencesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const contact = await getContact(context.store, instance, input.ContactId, context.clock.now());
  const wanted = Object.entries(contact.references ?? {})
    .filter(([, { type }]) => input.ReferenceTypes.includes(type))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const page = slicePage(wanted, ([name]) => name, {
    of: ["ListContactReferences", instanceKey(instance, contact.id), input.ReferenceTypes],
    token: input.NextToken,
    limit: PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    ReferenceSummaryList: page.items.map(
      ([Name, { type, value }]) =>
        ({ [SUMMARY_NAMES[type] ?? type]: { Name, Value: value } }) as unknown as ReferenceSummary,
    ),
    NextToken: page.nextToken,
  };
}

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
