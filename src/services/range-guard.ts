import { type Collection, collection, type Unit } from "../store/store.ts";

const guards: Collection<{ readonly decisions: number }> = collection("range_guards");

/**
 * Guards a decision that rests on what a range holds, such as a quota: only documents that a unit reads by key are checked when it
 * commits. All who decide on one range write its one guard, so two such decisions cannot both be made on the same state.
 *
 * `name` begins with account and Region. Where there is a document that all of them read anyway, writing that one does the same.
 */
export async function guardRange(unit: Unit, name: string): Promise<void> {
  const decisions = (await unit.get(guards, name))?.decisions ?? 0;
  unit.put(guards, name, { decisions: decisions + 1 });
}
