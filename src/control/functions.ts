import { listFunctionStatuses } from "../services/lambda/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { answering } from "./connect-answer.ts";

/** `GET /_trunkline/functions`: the caller's functions, with their sandboxes, the events that wait for them and their last errors. */
export async function functionEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  if (method !== "GET" || path.length > 0) return undefined;
  return answering(() => context.store.durably(async () => ({ functions: await listFunctionStatuses(context) })));
}
