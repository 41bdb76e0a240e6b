import type { Connection } from "./connection.ts";

/** The contact centre's clock. A manual one stands still until it is moved. */
export interface TestClock {
  readonly isManual: boolean;
  now(): Promise<Date>;
  /**
   * Moves a manual clock on by an ISO 8601 duration (`PT2M`), from one due timer to the next, and is settled once all that follows has
   * happened. Answers with where the clock stands. Throws where the clock is real, or something does not come to rest.
   */
  advance(duration: string): Promise<Date>;
  /** The same, to a time. */
  advanceTo(time: Date | string): Promise<Date>;
  /** Waits until what has been caused so far has happened, without moving the clock. (A real clock is not waited for.) */
  settle(): Promise<void>;
}

export function clockOf(connection: Connection, isManual: boolean): TestClock {
  const move = async (body: object): Promise<Date> => {
    const { now, running } = await connection.ask("POST", "clock", body);
    if (running.length > 0) throw new Error(`This does not come to rest: ${JSON.stringify(running)}`);
    return new Date(now);
  };
  return {
    isManual,
    now: async () => new Date((await connection.ask("GET", "clock")).now),
    advance: (duration) => move({ advance: duration }),
    advanceTo: (time) => move({ to: typeof time === "string" ? time : time.toISOString() }),
    settle: async () => {
      if (isManual) await move({ advance: "PT0S" });
    },
  };
}
