import { isJsonObject, parseJsonObject } from "../../json-text.ts";

/** Which items of a batch a function says it could not process: `all` where its answer makes no sense. */
export type FailedItems = ReadonlySet<string> | "all";

const NONE: ReadonlySet<string> = new Set();

/**
 * Reads a function's answer to a batch, where it reports failures item by item (`ReportBatchItemFailures`).
 *
 * No list, an empty one, or an answer of null or {} is a success. An answer that is no JSON object, an item without an identifier, with an
 * empty one or with one that is not in the batch is a failure of the whole.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export function parseFailedItems(answer: string, isInBatch: (identifier: string) => boolean): FailedItems {
  if (answer === "" || answer === "null") return NONE;
  const document = parseJsonObject(answer);
  if (document === undefined) return "all";
  const failures = document.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return "all";
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier = isJsonObject(failure) ? failure.itemIdentifier : undefined;
    if (typeof identifier !== "string" || !isInBatch(identifier)) return "all";
    failed.add(identifier);
  }
  return failed;
}
