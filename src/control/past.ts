import { isOpening, OPENING } from "../services/kept-log.ts";
import type { Platform } from "../services/service.ts";
import type { LogDeclaration, Store } from "../store/store.ts";
import { RealClock } from "../time/clock.ts";

/** What a server keeps that nobody has used: how far its readers are, and the keys of tokens, which browsers have as well. */
const OWN_COLLECTIONS: ReadonlySet<string> = new Set(["flow_cursor", "token_keys"]);

/**
 * Puts a real clock back where nothing has ever happened, for no account: so that a past can be played, as if it had been. Whoever plays it
 * moves the clock until it has caught up. Answers whether it did.
 *
 * What logs hold then is their beginning at most; they begin anew at the earlier time, since no log's time goes backwards.
 */
export async function putBack({ store, clock }: Platform, byMs: number): Promise<boolean> {
  if (!(clock instanceof RealClock) || clock.isCatchingUp) return false;
  const opened: LogDeclaration[] = [];
  for (const log of await store.logs()) {
    const held = await holdingOf(store, log);
    if (held === "more") return false;
    if (held === "opening") opened.push(log);
  }
  // The last look before the clock goes: what is written in between would lie in the future.
  if ((await store.collections()).some((name) => !OWN_COLLECTIONS.has(name))) return false;
  clock.goBack(byMs);
  await store.commit(async (unit) => {
    for (const log of opened) {
      unit.dropLog(log.name);
      unit.declareLog(log);
      unit.append(log.name, "", OPENING);
    }
  });
  return true;
}

async function holdingOf(
  store: Store,
  { name, partitions = 1 }: LogDeclaration,
): Promise<"nothing" | "opening" | "more"> {
  let held: "nothing" | "opening" = "nothing";
  for (let partition = 0; partition < partitions; partition++) {
    const { first, next } = await store.bounds(name, partition);
    if (next === first && first === 1) continue;
    const entries = await store.read(name, partition, first, { entries: 2 });
    if (entries.length !== 1 || !entries[0] || !isOpening(entries[0])) return "more";
    held = "opening";
  }
  return held;
}
