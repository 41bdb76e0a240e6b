import { UniqueIndexError, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { conflict } from "./errors.ts";

/** Commits a unit that gives something a name. `ConflictException` where another one has that already. */
export async function commitNamed<R>(
  { store }: Pick<Platform, "store">,
  named: string,
  run: (unit: Unit) => Promise<R>,
): Promise<R> {
  try {
    return await store.commit(run);
  } catch (error) {
    if (error instanceof UniqueIndexError && error.index === "name") throw conflict(`${named} already exists`);
    throw error;
  }
}
