import type { WallClock } from "../time/clock.ts";

/** A terminal's Ctrl-C reaches the command twice where a parent process hands it on; what comes so soon is the same one. */
const SAME_SIGNAL_MS = 500;

/** Calls back at the first SIGINT or SIGTERM; a later one ends the process at once. Disposing takes the listeners away. */
export function onEnding(wall: Pick<WallClock, "monotonicMs">, end: () => void): Disposable {
  let firstMs: number | undefined;
  const listen = (): void => {
    const nowMs = wall.monotonicMs();
    if (firstMs === undefined) {
      firstMs = nowMs;
      end();
    } else if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(130);
  };
  process.on("SIGINT", listen).on("SIGTERM", listen);
  return {
    [Symbol.dispose]: () => void process.removeListener("SIGINT", listen).removeListener("SIGTERM", listen),
  };
}
