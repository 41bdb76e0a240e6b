import { type DocumentKind, findPolicyFault } from "../policy/index.ts";
import { malformedPolicy } from "./errors.ts";

/** Throws `MalformedPolicyDocument` for what is no policy of this kind. */
export function checkDocument(text: string, kind: DocumentKind): void {
  const fault = findPolicyFault(text, kind);
  if (fault !== undefined) throw malformedPolicy(fault);
}

/** How long a document is, as quotas count it: white space does not. */
export function documentCharacters(text: string): number {
  return text.replaceAll(/\s/g, "").length;
}

/** Documents are answered percent-encoded, as RFC 3986 has it. */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
