/** Waits, and keeps the process alive meanwhile, as `WallClock.after` does not: for a command that has nothing else to wait for. */
export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
