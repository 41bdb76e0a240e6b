import { listStages } from "../services/api-gateway/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { answering } from "./connect-answer.ts";

/** `GET /_trunkline/apis`: the stages of the caller's APIs, each with its local invoke URL, its routes and what they call. */
export async function stagesEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  if (method !== "GET" || path.length > 0) return undefined;
  return answering(() => context.store.durably(async () => ({ stages: await listStages(context) })));
}
