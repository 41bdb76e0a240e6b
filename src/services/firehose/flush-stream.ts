import type { Context } from "../service.ts";
import { closeBuffers } from "./collect.ts";
import { getStream } from "./delivery-stream.ts";

/** Owes what a stream has gathered at once, rather than when its buffers are full or old enough. Throws `ResourceNotFoundException`. */
export async function flushStream(context: Context, name: string): Promise<void> {
  const { account, region } = context;
  await context.store.commit(async (unit) => {
    await closeBuffers(unit, context, await getStream(unit, { account, region, name }));
  });
}
