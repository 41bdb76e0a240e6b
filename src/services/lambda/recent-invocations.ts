import type { Platform } from "../service.ts";
import type { Target } from "./find-function.ts";
import type { Job, Outcome } from "./runtime/sandbox.ts";

/** An invocation that is over, for whoever tests or looks: in memory alone, like the failures of a function. */
interface Kept {
  /** Counts all invocations of this process. */
  readonly number: number;
  readonly functionId: string;
  readonly requestId: string;
  readonly version: string;
  /** When it was over, by the contact centre's clock. */
  readonly timeMs: number;
  readonly durationMs: number;
  readonly status: Outcome["status"];
  readonly event: string;
  readonly answer: string;
}

/** An invocation as it is told of. */
export interface ToldInvocation {
  /** Its own: an event that is tried again is invoked by the same request id. */
  readonly id: string;
  readonly requestId: string;
  readonly function: string;
  readonly version: string;
  readonly time: string;
  readonly durationMs: number;
  readonly status: Outcome["status"];
  /** What the handler was given: the document where it is JSON, else the text. */
  readonly event: unknown;
  /** Of a success; of one that was streamed there is none. */
  readonly answer?: unknown;
  /** As Lambda answers it: `errorType`, `errorMessage`, … */
  readonly error?: unknown;
  /** Which of them were too long to be kept. */
  readonly cut?: readonly string[];
}

/** Of all functions together. */
const KEPT_MAX = 5_000;
const CHARACTERS_MAX = 16 * 1024 * 1024;
/** Of an event, and of an answer: beyond it is not kept. */
const PAYLOAD_BYTES_MAX = 1024 * 1024;

/** The last invocations of all functions. What is noted costs a copy of its texts, which is nothing beside the call of another process. */
export class RecentInvocations {
  /** The oldest first. */
  readonly #kept = new Set<Kept>();
  #characters = 0;
  #count = 0;

  note(
    { clock }: Pick<Platform, "clock">,
    target: Target,
    job: Pick<Job, "requestId" | "payload">,
    outcome: Outcome,
  ): void {
    const { requestId, payload } = job;
    const { status, durationMs } = outcome;
    const kept: Kept = {
      number: ++this.#count,
      functionId: target.function.id,
      requestId,
      version: target.version.version,
      timeMs: clock.now(),
      durationMs,
      status,
      event: textOf(payload),
      answer: textOf(outcome.payload),
    };
    this.#kept.add(kept);
    this.#characters += charactersOf(kept);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= KEPT_MAX && this.#characters <= CHARACTERS_MAX) break;
      this.#kept.delete(oldest);
      this.#characters -= charactersOf(oldest);
    }
  }

  /** Of one function, the oldest first. */
  of({ id, name }: { readonly id: string; readonly name: string }): readonly ToldInvocation[] {
    return [...this.#kept].filter(({ functionId }) => functionId === id).map((kept) => told(kept, name));
  }
}

function told(kept: Kept, name: string): ToldInvocation {
  const { number, requestId, version, timeMs, durationMs, status, event, answer } = kept;
  const result = status === "success" ? "answer" : "error";
  const cut = [...(event === TOO_LONG ? ["event"] : []), ...(answer === TOO_LONG ? [result] : [])];
  return {
    ...{ id: String(number), requestId, function: name, version },
    ...{ time: new Date(timeMs).toISOString(), durationMs, status },
    event: event === TOO_LONG ? null : documentOf(event),
    ...(answer !== "" && answer !== TOO_LONG && { [result]: documentOf(answer) }),
    ...(cut.length > 0 && { cut }),
  };
}

/** Stands for a text that is not kept; no payload is like it, since those are JSON or what a custom runtime says. */
const TOO_LONG = "\0";

function textOf(payload: string | Uint8Array): string {
  if (payload.length > PAYLOAD_BYTES_MAX) return TOO_LONG;
  return typeof payload === "string" ? payload : Buffer.from(payload).toString("utf8");
}

function charactersOf({ event, answer }: Kept): number {
  return event.length + answer.length;
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
