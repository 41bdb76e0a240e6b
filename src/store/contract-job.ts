import { people } from "./contract-people.ts";
import type { ReadingStore } from "./store.ts";

export interface ContractLine {
  readonly people: readonly string[];
  readonly log: unknown;
  readonly bounds: unknown;
  readonly entry: unknown;
  readonly at: number;
  readonly logs: readonly string[];
  readonly bytes: number;
}

/** Reads everything that can be read, and tells it as often as it is asked to; or fails. */
export async function* job(
  store: ReadingStore,
  { times, failure }: { readonly times: number; readonly failure?: string },
): AsyncGenerator<ContractLine> {
  for (let time = 0; time < times; time++) {
    if (failure !== undefined && time === times - 1) throw new Error(failure);
    const named = await store.list(people, { index: "name", prefix: "", limit: 10 });
    const ada = await store.get(people, "1");
    yield {
      people: [ada?.name ?? "nobody", ...named.documents.map(({ name }) => name)],
      log: await store.findLog("calls"),
      bounds: await store.bounds("calls", 0),
      entry: (await store.read("calls", 0, 2, { entries: 10 })).map(({ sequence, key, value }) => [
        sequence,
        key,
        value,
      ]),
      at: await store.sequenceAt("calls", 0, Number.MAX_SAFE_INTEGER),
      logs: (await store.logs("c")).map(({ name }) => name),
      bytes: await store.logBytes("calls"),
    };
  }
}
