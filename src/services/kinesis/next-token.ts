import { ModeledError } from "../../models/modeled-error.ts";
import { openToken, sealToken, type TokenField } from "../sealed-token.ts";
import type { Context } from "../service.ts";

/** How long shard iterators and NextTokens are valid, on the centre's clock. */
export const TOKEN_MS = 300_000;

/** A NextToken: valid for five minutes, for the same operation and account. */
export function nextToken(context: Context, operation: string, fields: readonly TokenField[]): Promise<string> {
  return sealToken(context, operation, fields);
}

/** Throws `InvalidArgumentException` for a text that is no NextToken of this operation, and `ExpiredNextTokenException`. */
export async function readNextToken(
  context: Context,
  operation: string,
  token: string,
): Promise<readonly TokenField[]> {
  const opened = await openToken(context, operation, token);
  if (opened === undefined) throw new ModeledError("InvalidArgumentException", "NextToken is invalid.");
  if (context.clock.now() - opened.issuedMs > TOKEN_MS) {
    throw new ModeledError(
      "ExpiredNextTokenException",
      `NextToken expired. It is valid for ${TOKEN_MS} milliseconds after it was returned.`,
    );
  }
  return opened.fields;
}
