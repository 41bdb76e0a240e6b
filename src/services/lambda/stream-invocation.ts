/** Invocations whose answer is handed on while it comes. */
import type { Platform } from "../service.ts";
import type { Target } from "./find-function.ts";
import { type Call, runInvocation } from "./invocations.ts";
import type { Outcome } from "./runtime/sandbox.ts";

export interface StreamedInvocation {
  /** `undefined`: the handler does not stream. Its answer is then that of the outcome. */
  readonly contentType: string | undefined;
  /** What has come and is not read yet holds up the handler. */
  readonly pieces: Pieces;
  readonly outcome: Promise<Outcome>;
}

/**
 * Returns once an answer begins, or the invocation is over. Throws as `runInvocation` does. Where nobody reads on, or `signal` is aborted, the
 * handler goes on without a reader.
 */
export async function streamInvocation(
  platform: Platform,
  target: Target,
  call: Omit<Call, "onStream" | "onPiece">,
  signal: AbortSignal,
): Promise<StreamedInvocation> {
  const pieces = new Pieces();
  const { promise: begun, resolve } = Promise.withResolvers<string>();
  const outcome = runInvocation(platform, target, {
    ...call,
    onStream: resolve,
    onPiece: (piece) => pieces.push(piece),
  }).finally(() => pieces.end());
  const abandon = (): void => pieces.abandon();
  signal.addEventListener("abort", abandon, { once: true });
  // Whoever reads hears of it; whoever does not any more has no use for it.
  outcome.catch(() => {}).finally(() => signal.removeEventListener("abort", abandon));
  const contentType = await Promise.race([begun, outcome.then(() => undefined)]);
  return { contentType, pieces, outcome };
}

/** Pieces on their way from a handler to one reader. */
export class Pieces implements AsyncIterable<Buffer> {
  readonly #waiting: { readonly piece: Buffer; taken(): void }[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  #isAbandoned = false;

  /** Resolves when it has been taken. */
  push(piece: Buffer): Promise<void> {
    if (this.#isAbandoned) return Promise.resolve();
    return new Promise((taken) => {
      this.#waiting.push({ piece, taken });
      this.#wake?.();
    });
  }

  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** What comes is thrown away from now on. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const { taken } of this.#waiting.splice(0)) taken();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        if (next) {
          yield next.piece;
          next.taken();
        } else if (this.#isOver || this.#isAbandoned) return;
        else {
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
        }
      }
    } finally {
      this.abandon();
    }
  }
}
