import { ModeledError } from "../../models/modeled-error.ts";
import { invalidArgument } from "./errors.ts";
import { METADATA_BYTES_MAX } from "./limits.ts";
import type { ObjectDescription, ObjectHeaders } from "./object.ts";
import { parseTagging } from "./object-tagging.ts";

/** Members that say of an object what headers will tell. */
const HEADER_MEMBERS = [
  "CacheControl",
  "ContentDisposition",
  "ContentEncoding",
  "ContentLanguage",
  "ContentType",
  "Expires",
  "ServerSideEncryption",
  "StorageClass",
  "WebsiteRedirectLocation",
] as const;

type Described = Partial<Record<(typeof HEADER_MEMBERS)[number], unknown>> & {
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
  readonly Tagging?: string | undefined;
};

/** What a request says of the object that it stores. Throws `InvalidArgument`, `MetadataTooLarge`, `InvalidTag`. */
export function descriptionOf(input: Described): ObjectDescription {
  const headers = headersOf(input);
  const metadata = input.Metadata ?? {};
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw invalidArgument("Metadata name is invalid.", "x-amz-meta-", name);
    checkHeaderValue("x-amz-meta-", value);
    bytes += name.length + value.length;
  }
  if (bytes > METADATA_BYTES_MAX) {
    throw new ModeledError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      Size: bytes,
      MaxSizeAllowed: METADATA_BYTES_MAX,
    });
  }
  return { headers, metadata, tags: parseTagging(input.Tagging) };
}

function headersOf(input: Described): ObjectHeaders {
  const given = HEADER_MEMBERS.flatMap((name) => {
    const value = input[name];
    if (value === undefined || value === "") return [];
    checkHeaderValue(name, String(value));
    return [[name, String(value)] as const];
  });
  return Object.fromEntries(given);
}

/** In the query of a presigned URL anything can stand for a header, and it becomes one when the object is read. */
export function checkHeaderValue(name: string, value: string): void {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw invalidArgument("Header value cannot be represented using ISO-8859-1.", name, value);
  }
}

/** A class that is not told where it is the usual one. */
export function storageClassOf({ headers }: Pick<ObjectDescription, "headers">): string {
  return headers.StorageClass ?? "STANDARD";
}
