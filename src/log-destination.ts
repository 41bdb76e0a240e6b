/** Where the log's lines go: standard error. */
import { write, writeSync } from "node:fs";
import type { WallClock } from "./time/clock.ts";

/** Waits at most; what comes faster than it is taken is lost beyond that. */
const WAITING_CHARACTERS_MAX = 1024 * 1024;
/** A pipe whose reader is slow is tried again after so long, and at the end of the process so often. */
const FULL_PIPE_MS = 50;
const FULL_PIPE_TRIES = 20;

export interface LogDestination {
  write(line: string): void;
  /** Writes what waits, before the process ends. */
  flushSync(): void;
}

let ofProcess: LogDestination | undefined;

/** One for all servers of this process. */
export function logDestination(wall: Pick<WallClock, "after">): LogDestination {
  if (ofProcess) return ofProcess;
  ofProcess = openLogDestination(2, wall);
  process.once("exit", ofProcess.flushSync);
  return ofProcess;
}

/**
 * Writes in the thread pool, one piece after the other. What cannot be written, since the disk behind the descriptor is full, waits for the next
 * line: a log that nobody takes holds nobody up, and ends nothing. (Pino's own destination ends the process then, or tries for ever to write its
 * last lines and never lets it end.)
 */
function openLogDestination(descriptor: number, wall: Pick<WallClock, "after">): LogDestination {
  let waiting = "";
  let piece: Buffer = Buffer.alloc(0);
  let isWriting = false;

  const next = (): void => {
    if (piece.length === 0) {
      if (waiting === "") return;
      piece = Buffer.from(waiting);
      waiting = "";
    }
    isWriting = true;
    write(descriptor, piece, (error, count) => {
      isWriting = false;
      if (!error) {
        piece = piece.subarray(count);
        next();
      } else if (error.code === "EAGAIN") {
        isWriting = true;
        wall.after(FULL_PIPE_MS, next);
      }
    });
  };

  return {
    write(line) {
      if (waiting.length + line.length > WAITING_CHARACTERS_MAX) return;
      waiting += line;
      if (!isWriting) next();
    },
    flushSync() {
      // What the thread pool has begun it ends.
      let rest = Buffer.concat([...(isWriting ? [] : [piece]), Buffer.from(waiting)]);
      piece = Buffer.alloc(0);
      waiting = "";
      for (let tries = 0; rest.length > 0 && tries < FULL_PIPE_TRIES; ) {
        try {
          rest = rest.subarray(writeSync(descriptor, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
          tries++;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
        }
      }
    },
  };
}
