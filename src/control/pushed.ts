import type { WallClock } from "../time/clock.ts";
import type { PlainResponse } from "../wire/index.ts";

/** Proxies give up on an answer that says nothing for a minute, clients after five. */
const QUIET_MS = 20_000;

/**
 * Answers with lines, a JSON document each, as they are told. Whenever none has been told for a while there is a blank one, so that nobody
 * between us and the reader takes the connection for dead.
 */
export function pushed(lines: AsyncGenerator<string>, wall: WallClock): PlainResponse {
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
    body: withBlankLines(lines, wall),
  };
}

async function* withBlankLines(lines: AsyncGenerator<string>, wall: WallClock): AsyncGenerator<string> {
  try {
    let next = lines.next();
    for (;;) {
      const { promise: quiet, resolve } = Promise.withResolvers<undefined>();
      using _timer = wall.after(QUIET_MS, () => resolve(undefined));
      const told = await Promise.race([next, quiet]);
      if (told?.done) return;
      yield told?.value ?? "\n";
      if (told) next = lines.next();
    }
  } finally {
    await lines.return(undefined);
  }
}
