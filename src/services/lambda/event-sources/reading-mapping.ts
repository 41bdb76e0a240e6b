import type { Reader, Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { functionsOf, type MappedFunction } from "./functions.ts";
import { type EventSourceMapping, mappingKey, mappings } from "./mapping.ts";
import { compileFilter, type RecordFilter } from "./record-filter.ts";

/** Reads the source of one mapping, as long as the mapping is there. */
export interface MappingReader {
  /** Something may have changed: of the mapping, or of one part of what it reads. */
  wake(part?: string): void;
  stop(): Promise<void>;
}

/** What a reader works with: a mapping that is enabled, as it is now. */
export interface Current {
  readonly mapping: EventSourceMapping;
  readonly filter: RecordFilter;
  readonly function: MappedFunction | undefined;
}

/** A mapping for those who read for it: as it is stored, its filter compiled once for each revision. */
export class ReadingMapping {
  readonly key: string;
  readonly platform: Platform;
  /** Ends the waits for functions. */
  readonly signal: AbortSignal;
  #compiled: { readonly revision: number; readonly filter: RecordFilter } | undefined;

  constructor(platform: Platform, key: string, signal: AbortSignal) {
    this.platform = platform;
    this.key = key;
    this.signal = signal;
  }

  /** `undefined`: the mapping is gone, or disabled. */
  async current(): Promise<Current | undefined> {
    const { store } = this.platform;
    const mapping = await store.get(mappings, this.key);
    if (!mapping?.isEnabled) return undefined;
    if (this.#compiled?.revision !== mapping.revision) {
      this.#compiled = { revision: mapping.revision, filter: compileFilter(mapping.settings.FilterCriteria) };
    }
    const target = await functionsOf(store).find(store, mapping.functionArn, mapping);
    return { mapping, filter: this.#compiled.filter, function: target };
  }

  /** Says how the last batch went. Written only where it changes: each write wakes whoever follows mappings. */
  async tell(unit: Unit, result: string): Promise<void> {
    const mapping = await unit.get(mappings, this.key);
    if (mapping === undefined || mapping.lastResult === result) return;
    unit.put(mappings, mappingKey(mapping), { ...mapping, lastResult: result });
  }

  async isThere(reader: Reader): Promise<boolean> {
    return (await reader.get(mappings, this.key)) !== undefined;
  }
}

export const CANNOT_ASSUME_ROLE = "The role defined for the function cannot be assumed by Lambda.";
export const FUNCTION_FAILED = "PROBLEM: Function call failed";

/** Kinds of timers: what a reader waits for in the domain's time. */
const WAKE = "lambda.wake-mapping";

interface WakePayload {
  readonly mapping: string;
  readonly part: string;
}

/** Wakes a part of a mapping's reader later: durable, so that a manual clock stops there. One at a time for each part. */
export function wakeAt(unit: Unit, platform: Pick<Platform, "flow">, payload: WakePayload, dueMs: number): void {
  platform.flow.schedule(unit, { id: `${WAKE}/${payload.mapping}/${payload.part}`, kind: WAKE, dueMs, payload });
}

export function onWake(platform: Platform, wake: (payload: WakePayload) => void): void {
  platform.flow.onTimer(WAKE, async (unit, timer) => unit.afterCommit(() => wake(timer.payload as WakePayload)));
}
