import type { WokenLoop } from "../../../flow/index.ts";
import { perStore } from "../../per-store.ts";
import type { Platform } from "../../service.ts";
import { type EventSourceMapping, mappingKey, mappings } from "./mapping.ts";
import { QueueReader } from "./queue-reader.ts";
import { type MappingReader, onWake, ReadingMapping } from "./reading-mapping.ts";
import { StreamReader } from "./stream-reader.ts";

const MAPPINGS_PER_PAGE = 1_000;

/** Keeps a reader for each mapping: those that are there at the start, and those that come and go. */
class MappingReaders {
  readonly #platform: Platform;
  readonly #loop: WokenLoop;
  readonly #readers = new Map<string, MappingReader>();
  readonly #ending = new AbortController();
  readonly #watch: Disposable;
  /** Keys of mappings to look at; at the start all are. */
  #changed = new Set<string>();
  #isStarting = true;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#loop = platform.flow.loop("Event source mappings", () => this.#keep());
    this.#watch = platform.store.watchCollection(mappings.name, (keys) => {
      for (const key of keys) this.#changed.add(key);
      this.#loop.wake();
    });
    onWake(platform, ({ mapping, part }) => this.#readers.get(mapping)?.wake(part));
    this.#loop.wake();
  }

  stop(): void {
    this.#watch[Symbol.dispose]();
    this.#ending.abort();
  }

  async #keep(): Promise<boolean> {
    const { store } = this.#platform;
    if (this.#isStarting) {
      let after: string | undefined;
      do {
        const page = await store.list(mappings, { limit: MAPPINGS_PER_PAGE, after });
        for (const mapping of page.documents) this.#changed.add(mappingKey(mapping));
        after = page.next;
      } while (after !== undefined);
      this.#isStarting = false;
    }
    const changed = this.#changed;
    this.#changed = new Set();
    for (const key of changed) {
      const mapping = await store.get(mappings, key);
      const reader = this.#readers.get(key);
      if (mapping === undefined) {
        this.#readers.delete(key);
        // Not waited for: a function may take long, and its answer changes nothing any more.
        void reader?.stop();
      } else if (reader === undefined) {
        const created = this.#open(key, mapping);
        this.#readers.set(key, created);
        created.wake();
      } else {
        reader.wake();
      }
    }
    return false;
  }

  #open(key: string, { source }: EventSourceMapping): MappingReader {
    const reading = new ReadingMapping(this.#platform, key, this.#ending.signal);
    return source === "kinesis" ? new StreamReader(reading) : new QueueReader(reading);
  }
}

const readersOf = perStore(() => new Map<"readers", MappingReaders>());

export function startMappings(platform: Platform): void {
  readersOf(platform.store).set("readers", new MappingReaders(platform));
}

/** Ends the waits for functions: what is with them is sent again at the next start. */
export function stopMappings(platform: Platform): void {
  readersOf(platform.store).get("readers")?.stop();
}
