import { ModeledError } from "../../models/modeled-error.ts";

/** What a request with `DryRun` ends with where it would have succeeded; thrown in the unit, so that nothing of it is kept. */
export function dryRunSucceeded(): ModeledError {
  return new ModeledError(
    "DryRunOperationException",
    "The request was rejected because the DryRun parameter was specified.",
  );
}
