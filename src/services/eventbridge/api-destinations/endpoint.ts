import { isLoopbackHost } from "../../http-call.ts";
import { validationError } from "../errors.ts";

/**
 * Holds an address against what may be called: https, and http on this machine alone. Throws `ValidationException`. A `*` of the path stands
 * for a parameter.
 */
export function checkEndpoint(text: string, parameter: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAllowed = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url));
  if (url && isAllowed && url.username === "" && url.password === "" && !url.host.includes("*")) return;
  throw validationError(
    `Parameter ${parameter} is not valid. Reason: It must be a URL that begins with https://, or with http:// for this machine's loopback.`,
  );
}
