/** What time it is in the contact centre, which may have a clock of its own: how long somebody waits is told by that one. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { read } from "./server.ts";

const ASK_EVERY_MS = 2000;
const TICK_MS = 1000;

const nowMs = signal<number | undefined>(undefined);
let told: { readonly nowMs: number; readonly isManual: boolean; readonly atMs: number } | undefined;
let readers = 0;
let timers: readonly ReturnType<typeof setInterval>[] = [];

/** The time on the server in milliseconds, anew every second; `undefined` until it is known. */
export function useServerNow(): number | undefined {
  useEffect(() => {
    readers += 1;
    if (readers === 1) {
      void ask();
      timers = [setInterval(() => void (document.hidden || ask()), ASK_EVERY_MS), setInterval(tick, TICK_MS)];
    }
    return () => {
      readers -= 1;
      if (readers > 0) return;
      for (const timer of timers) clearInterval(timer);
    };
  }, []);
  return nowMs.value;
}

/** The time on the server, for a request that must name one. */
export async function askServerNow(signal?: AbortSignal): Promise<number> {
  return Date.parse((await read<{ now: string }>("clock", signal)).now);
}

async function ask(): Promise<void> {
  try {
    const { now, mode } = await read<{ now: string; mode: string }>("clock");
    told = { nowMs: Date.parse(now), isManual: mode === "manual", atMs: performance.now() };
    tick();
  } catch {
    // The header says that the server does not answer; the time goes on from what was told last.
  }
}

function tick(): void {
  if (!told) return;
  nowMs.value = told.isManual ? told.nowMs : told.nowMs + (performance.now() - told.atMs);
}
