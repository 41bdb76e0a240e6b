import { failureDelayMs } from "./back-off.ts";
import type { FlowContext } from "./flow-context.ts";

/**
 * Work that runs when it is woken, one pass at a time. A wake during a pass means one more pass, so none is lost.
 *
 * A pass that throws is repeated after a back-off, for ever: it only throws for what is our own or the store's fault. Such a
 * series of failures is logged when it begins and when it ends.
 */
export class Loop {
  readonly name: string;
  readonly #context: Pick<FlowContext, "wall" | "ids" | "log" | "activity">;
  readonly #pass: () => Promise<boolean>;
  #woken = false;
  #stopped = false;
  #failures = 0;
  #running: Promise<void> | undefined;
  readonly #pauses = new Set<() => void>();

  /** `pass` answers whether there is more to do at once. */
  constructor(
    name: string,
    context: Pick<FlowContext, "wall" | "ids" | "log" | "activity">,
    pass: () => Promise<boolean>,
  ) {
    this.name = name;
    this.#context = context;
    this.#pass = pass;
  }

  /** Whether it runs, or waits to try again. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Whether another pass follows the one that is running. */
  get woken(): boolean {
    return this.#woken;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  wake(): void {
    if (this.#stopped) return;
    this.#woken = true;
    this.#running ??= this.#run();
  }

  /** Ends after the pass that is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const endPause of this.#pauses) endPause();
    await this.#running;
  }

  /** Waits so many milliseconds of wall time, or until the loop is stopped. */
  async pause(delayMs: number): Promise<void> {
    if (this.#stopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#context.wall.after(delayMs, resolve);
    this.#pauses.add(resolve);
    await promise;
    this.#pauses.delete(resolve);
  }

  async #run(): Promise<void> {
    // Never inside the stack of whoever woke us: that may be in the middle of a commit.
    await Promise.resolve();
    while (this.#woken && !this.#stopped) {
      this.#woken = false;
      if (await this.#tryPass()) this.#woken = true;
    }
    this.#running = undefined;
    this.#context.activity.ring();
  }

  async #tryPass(): Promise<boolean> {
    try {
      const more = await this.#pass();
      if (this.#failures > 0) this.#context.log.info(`${this.name} goes on after ${this.#failures} failures`);
      this.#failures = 0;
      return more;
    } catch (error) {
      if (this.#stopped) return false;
      this.#failures++;
      if (this.#failures === 1) this.#context.log.error({ err: error }, `${this.name} failed and will be tried again`);
      await this.pause(failureDelayMs(this.#failures, () => this.#context.ids.random()));
      return true;
    }
  }
}
