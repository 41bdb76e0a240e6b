import { decodePageToken, encodePageToken } from "../page-token.ts";
import { invalidNextToken } from "./errors.ts";
import { PAGE_SIZE } from "./instance-resources.ts";

/** "The token expires after 5 minutes from the time it is created." */
const TOKEN_LIFE_MS = 5 * 60_000;

/**
 * A page of results that are worked out anew for each request. `of`: the operation and every parameter, for which alone a token is
 * good. Throws `InvalidParameterException` for a token that is another request's, or too old.
 */
export function metricPage<T>(
  results: readonly T[],
  request: {
    readonly of: readonly unknown[];
    readonly token: string | undefined;
    readonly limit: number | undefined;
    readonly nowMs: number;
  },
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const { of, nowMs } = request;
  const behind = resultsBefore(request);
  const end = behind + (request.limit ?? PAGE_SIZE);
  return {
    items: results.slice(behind, end),
    nextToken: end < results.length ? encodePageToken(of, `${end} ${nowMs}`) : undefined,
  };
}

/** How many results the pages before had. */
function resultsBefore({
  of,
  token,
  nowMs,
}: {
  readonly of: readonly unknown[];
  readonly token: string | undefined;
  readonly nowMs: number;
}): number {
  if (token === undefined) return 0;
  const position = decodePageToken(of, token);
  const [results = "", issuedMs = ""] = position?.split(" ") ?? [];
  if (position === undefined || nowMs - Number(issuedMs) > TOKEN_LIFE_MS) throw invalidNextToken();
  return Number(results);
}
