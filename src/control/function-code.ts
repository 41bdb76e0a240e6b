import { openCode } from "../services/lambda/index.ts";
import type { Platform } from "../services/service.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";

/** `GET /_trunkline/function-code?…`: the URL that GetFunction gives out. It needs no signature, as presigned URLs need no other one. */
export async function functionCodeEndpoint(
  platform: Platform,
  { method, query }: PlainRequest,
): Promise<PlainResponse> {
  if (method !== "GET") return failure(405, `There is no ${method} of a function's code`);
  const file = await platform.store.durably(() => openCode(platform, query));
  if (!file) return failure(403, "The URL is not valid, or not any more");
  const { size } = await file.stat();
  return {
    status: 200,
    headers: { "content-type": "application/zip", "content-length": String(size) },
    // It closes the file at its end, and when nobody reads on.
    body: file.createReadStream(),
  };
}
