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
  /** Nothing: it was too long. */
  readonly event: Payload | undefined;
  readonly answer: Payload | undefined;
}

/** Read only where somebody asks. */
type Payload = string | Uint8Array;

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
const BYTES_MAX = 16 * 1024 * 1024;
/** Of an event, and of an answer: beyond it is not kept. */
const PAYLOAD_BYTES_MAX = 1024 * 1024;

/** The last invocations of all functions. What is noted costs a copy of its bytes, which is nothing beside the call of another process. */
export class RecentInvocations {
  /** The oldest first; those before `#first` are gone. */
  #kept: (Kept | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  #count = 0;

  note(
    { clock }: Pick<Platform, "clock">,
    target: Target,
    job: Pick<Job, "requestId" | "payload">,
    outcome: Outcome,
  ): void {
    const { status, durationMs } = outcome;
    const kept: Kept = {
      number: ++this.#count,
      functionId: target.function.id,
      requestId: job.requestId,
      version: target.version.version,
      timeMs: clock.now(),
      durationMs,
      status,
      event: copyOf(job.payload),
      answer: copyOf(outcome.payload),
    };
    this.#kept.push(kept);
    this.#bytes += bytesOf(kept);
    while (this.#kept.length - this.#first > KEPT_MAX || this.#bytes > BYTES_MAX) this.#forgetOldest();
  }

  /** Of one function, the oldest first. */
  of({ id, name }: { readonly id: string; readonly name: string }): readonly ToldInvocation[] {
    return this.#kept.flatMap((kept) => (kept?.functionId === id ? [told(kept, name)] : []));
  }

  #forgetOldest(): void {
    this.#bytes -= bytesOf(this.#kept[this.#first] as Kept);
    this.#kept[this.#first++] = undefined;
    // The list is moved once for many.
    if (this.#first < KEPT_MAX) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#first = 0;
  }
}

function told(kept: Kept, name: string): ToldInvocation {
  const { number, requestId, version, timeMs, durationMs, status, event, answer } = kept;
  const result = status === "success" ? "answer" : "error";
  const cut = [...(event === undefined ? ["event"] : []), ...(answer === undefined ? [result] : [])];
  return {
    ...{ id: String(number), requestId, function: name, version },
    ...{ time: new Date(timeMs).toISOString(), durationMs, status },
    event: event === undefined ? null : documentOf(event),
    ...(answer !== undefined && answer.length > 0 && { [result]: documentOf(answer) }),
    ...(cut.length > 0 && { cut }),
  };
}

/** It may be a part of something larger, which is not to be kept for it. */
function copyOf(payload: Payload): Payload | undefined {
  if (payload.length > PAYLOAD_BYTES_MAX) return undefined;
  return typeof payload === "string" ? payload : Buffer.from(payload);
}

function bytesOf({ event = "", answer = "" }: Kept): number {
  return event.length + answer.length;
}

function documentOf(payload: Payload): unknown {
  const text = typeof payload === "string" ? payload : Buffer.from(payload).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
