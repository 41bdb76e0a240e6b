import { flushStream, listStreamStatuses } from "../services/firehose/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { answering } from "./connect-answer.ts";

/**
 * `GET /_trunkline/delivery-streams`: the caller's delivery streams, with what they gather, what waits, and what went well and wrong last.
 * `POST /_trunkline/delivery-streams/NAME/flush`: delivers what one has gathered, at once.
 */
export async function deliveryStreamEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  const [name, act, ...rest] = path;
  if (method === "POST" && name !== undefined && act === "flush" && rest.length === 0) {
    return answering(() =>
      context.store.durably(async () => {
        await flushStream(context, name);
        return { flushed: name };
      }),
    );
  }
  if (method !== "GET" || path.length > 0) return undefined;
  return answering(() => context.store.durably(async () => ({ deliveryStreams: await listStreamStatuses(context) })));
}
