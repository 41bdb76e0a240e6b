import { ModeledError } from "../../models/modeled-error.ts";
import { UniqueIndexError } from "../../store/store.ts";

export function nameConflict(name: string): ModeledError {
  return new ModeledError("ResourceConflictException", `A rule named ${name} already exists in this instance`);
}

/** Turns a broken unique name into the error that the operations model: two requests may have found the name free. */
export async function refusingNameConflict<R>(name: string, change: Promise<R>): Promise<R> {
  try {
    return await change;
  } catch (error) {
    throw error instanceof UniqueIndexError ? nameConflict(name) : error;
  }
}
