/** What endpoints push, read as the console reads it: with a session's cookie, a JSON document a line. */
import assert from "node:assert/strict";

/** Signs in on loopback; answers the cookie. */
export async function signIn(url: string, accessKeyId = "test"): Promise<string> {
  const answer = await fetch(`${url}/_trunkline/session`, { method: "POST", body: JSON.stringify({ accessKeyId }) });
  assert.equal(answer.status, 200);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** Reads until a document is as it should be, and answers that one. */
export async function pushedUntil<T>(
  request: { readonly url: string; readonly cookie: string },
  isWanted: (document: T) => boolean,
): Promise<T> {
  const abort = new AbortController();
  const answer = await fetch(request.url, { headers: { cookie: request.cookie }, signal: abort.signal });
  assert.equal(answer.status, 200, answer.status === 200 ? "" : await answer.text());
  let rest = "";
  let last: T | undefined;
  const decoder = new TextDecoder();
  const deadline = AbortSignal.timeout(60_000);
  deadline.addEventListener("abort", () => abort.abort());
  try {
    for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        last = JSON.parse(line) as T;
        if (isWanted(last)) return last;
      }
    }
  } catch (error) {
    if (!deadline.aborted) throw error;
  } finally {
    abort.abort();
  }
  assert.fail(`No document was as it should be; the last one: ${JSON.stringify(last).slice(0, 4000)}`);
}
