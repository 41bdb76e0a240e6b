/**
 * A log in which everything is kept that somebody decides on, for some days or bytes, whichever is less: so that a verdict can be computed again with
 * its reasons, and what is new can be tried on it (a backtest).
 *
 *     opened ─ input ─ input ─ input ─ …        the first entry tells since when there is anything
 */
import type { Entry, Store } from "../store/store.ts";

export interface KeptLog {
  readonly name: string;
  readonly keepMs: number;
  readonly keepBytes: number;
  /** Begins a sentence: "What rules looked at". */
  readonly what: string;
}

/** An entry whose key is empty is the log's beginning. */
export async function openKeptLog(store: Store, { name, keepMs, keepBytes }: KeptLog): Promise<void> {
  if (await store.findLog(name)) return;
  await store.commit(async (unit) => {
    unit.declareLog({ name, keepMs, keepBytes });
    unit.append(name, "", JSON.stringify({ kind: "opened" }));
  });
}

/** Whether the entry is the log's beginning, before which nothing was kept. */
export function isOpening({ key }: Pick<Entry, "key">): boolean {
  return key === "";
}
