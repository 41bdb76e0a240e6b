import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import { batchCode } from "./errors.ts";
import { BATCH_ENTRIES_MAX } from "./limits.ts";

/** Refuses a batch as a whole. `entryName` is what the service calls an entry in its message. */
export function checkBatch(entries: readonly { readonly Id: string }[], entryName: string): void {
  if (entries.length === 0) {
    throw new ModeledError("EmptyBatchRequest", `There should be at least one ${entryName} in the request.`);
  }
  if (entries.length > BATCH_ENTRIES_MAX) {
    throw new ModeledError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${BATCH_ENTRIES_MAX}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { Id: id } of entries) {
    if (!/^[\w-]{1,80}$/.test(id)) {
      throw new ModeledError(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      );
    }
    if (seen.has(id)) throw new ModeledError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
    seen.add(id);
  }
}

/** Runs each entry by itself: what the caller did wrong in one is that one's result. */
export async function runBatch<E extends { readonly Id: string }, R>(
  entries: readonly E[],
  run: (entry: E, index: number) => Promise<R>,
): Promise<{ Successful: R[]; Failed: BatchResultErrorEntry[] }> {
  const result: { Successful: R[]; Failed: BatchResultErrorEntry[] } = { Successful: [], Failed: [] };
  for (const [index, entry] of entries.entries()) {
    try {
      result.Successful.push(await run(entry, index));
    } catch (error) {
      if (!(error instanceof ModeledError)) throw error;
      result.Failed.push({ Id: entry.Id, SenderFault: true, Code: batchCode(error), Message: error.message });
    }
  }
  return result;
}
