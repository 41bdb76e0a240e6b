/**
 * Waits of what is pushed for as long as somebody looks, which may be all day: each leaves nothing behind, no listener of the request's end and
 * no reaction to a promise that goes on.
 */
import type { WallClock } from "../time/clock.ts";

/** Returns after so long, or when the signal ends it. */
export async function pause(wall: WallClock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = wall.after(ms, resolve);
  using _end = onAbort(signal, resolve);
  await promise;
}

/** Calls back when the signal ends, also where it has, unless it is disposed of before. */
export function onAbort(signal: AbortSignal, callback: () => void): Disposable {
  const end = (): void => callback();
  if (signal.aborted) callback();
  else signal.addEventListener("abort", end, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", end) };
}
