/** Who wants to be called after commits, by the name of what they watch. */
export class Watchers<Args extends readonly unknown[]> {
  readonly #callbacks = new Map<string, Set<(...args: Args) => void>>();

  add(name: string, callback: (...args: Args) => void): Disposable {
    // A function of its own, so that whoever watches twice is called twice.
    const own = (...args: Args): void => callback(...args);
    const callbacks = this.#callbacks.get(name) ?? new Set();
    this.#callbacks.set(name, callbacks.add(own));
    return {
      [Symbol.dispose]: () => {
        callbacks.delete(own);
        if (callbacks.size === 0 && this.#callbacks.get(name) === callbacks) this.#callbacks.delete(name);
      },
    };
  }

  call(name: string, ...args: Args): void {
    for (const callback of this.#callbacks.get(name) ?? []) callback(...args);
  }
}
