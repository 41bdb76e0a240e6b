import { findRecentInvocations, listFunctionStatuses } from "../services/lambda/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import { answering } from "./connect-answer.ts";

/**
 * `GET /_trunkline/functions`: the caller's functions, with their sandboxes, the events that wait for them and their last errors.
 *
 * `GET /_trunkline/functions/NAME/invocations`: the last invocations of one, the oldest first, each with its event and its answer or error. They are
 * kept in memory: 5,000 of all functions, and 16 MiB of them.
 */
export async function functionEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  if (method !== "GET") return undefined;
  if (path.length === 0) {
    return answering(() => context.store.durably(async () => ({ functions: await listFunctionStatuses(context) })));
  }
  const [name = "", room, ...others] = path;
  if (room !== "invocations" || others.length > 0) return undefined;
  const invocations = await findRecentInvocations(context, name);
  return invocations ? json({ invocations }) : failure(404, noFunction(context, name));
}

export function noFunction({ region }: Pick<Context, "region">, name: string): string {
  return `There is no function ${name} in ${region}`;
}
