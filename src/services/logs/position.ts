import { ModeledError } from "../../models/modeled-error.ts";
import { decodePageToken } from "../page-token.ts";

/** Where a listing goes on, from its token; refuses a token of another listing. */
export function positionOf(request: readonly unknown[], token: string): string {
  const position = decodePageToken(request, token);
  if (position === undefined) throw invalidToken();
  return position;
}

export function invalidToken(): ModeledError {
  return new ModeledError("InvalidParameterException", "The specified nextToken is invalid.");
}
