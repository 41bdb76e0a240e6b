import { listStreamStatuses } from "../services/firehose/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { answering } from "./connect-answer.ts";

/** `GET /_trunkline/delivery-streams`: the caller's delivery streams, with what they gather, what waits, and what went well and wrong last. */
export async function deliveryStreamEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  if (method !== "GET" || path.length > 0) return undefined;
  return answering(() => context.store.durably(async () => ({ deliveryStreams: await listStreamStatuses(context) })));
}
