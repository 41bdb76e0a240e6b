import type { TestClock } from "./clock.ts";
import type { Connection } from "./connection.ts";

/** What callers, agents and assertions need of a server. */
export interface AskedServer {
  /** Signed requests without an SDK. */
  readonly connection: Connection;
  readonly clock: TestClock;
}
