import type { ApiRequest } from "./api.ts";

/** Something that is to happen at a time, unless it has become pointless by then. */
export interface Planned {
  readonly atMs: number;
  /** An act of `POST /_trunkline/play`, … */
  readonly act?: { readonly post: string; readonly body?: object };
  /** … or a request of its own, at that time, … */
  readonly request?: ApiRequest;
  /** … or neither: only `onDone`. */
  readonly isStill?: () => boolean;
  /** With how the act or request was answered. */
  readonly onDone?: (answer: { readonly status: number; readonly body: Readonly<Record<string, unknown>> }) => void;
}

interface Entry {
  readonly planned: Planned;
  readonly order: number;
}

/** What is planned, in order of time, and of planning at the same time: a binary heap. */
export class Schedule {
  readonly #heap: Entry[] = [];
  #count = 0;

  add(planned: Planned): void {
    this.#insert({ planned, order: this.#count++ });
  }

  /** When the next is due. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.planned.atMs;
  }

  /** Takes the next one out. What is put back with `putBack` keeps its turn. */
  take(): Entry | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    this.#sink();
    return first;
  }

  putBack(entry: Entry): void {
    this.#insert(entry);
  }

  #insert(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap, at, parent)) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      if (left < heap.length && isBefore(heap, left, first)) first = left;
      if (right < heap.length && isBefore(heap, right, first)) first = right;
      if (first === at) return;
      swap(heap, at, first);
      at = first;
    }
  }
}

function isBefore(heap: readonly Entry[], one: number, other: number): boolean {
  const [a, b] = [heap[one] as Entry, heap[other] as Entry];
  return a.planned.atMs !== b.planned.atMs ? a.planned.atMs < b.planned.atMs : a.order < b.order;
}

function swap(heap: Entry[], one: number, other: number): void {
  const [a, b] = [heap[one] as Entry, heap[other] as Entry];
  heap[one] = b;
  heap[other] = a;
}
