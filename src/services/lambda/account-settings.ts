import type { GetAccountSettingsResponse } from "@aws-sdk/client-lambda";
import { compositeKey } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { unreservedConcurrency } from "./concurrency.ts";
import { versions } from "./function.ts";
import { UNZIPPED_BYTES_MAX, ZIP_BYTES_MAX } from "./limits.ts";
import { concurrencyMax } from "./quotas.ts";

const CODE_BYTES_TOTAL: number = 75 * 1024 ** 3;

export async function getAccountSettings(
  _input: Record<string, never>,
  context: Context,
): Promise<GetAccountSettingsResponse> {
  const { account, region, store } = context;
  const functionNames = new Set<string>();
  let codeBytes = 0;
  let after: string | undefined;
  do {
    const page = await store.list(versions, { prefix: compositeKey(account, region, ""), limit: 500, after });
    for (const version of page.documents) {
      functionNames.add(version.name);
      codeBytes += version.codeBytes;
    }
    after = page.next;
  } while (after !== undefined);
  return {
    AccountLimit: {
      TotalCodeSize: CODE_BYTES_TOTAL,
      CodeSizeUnzipped: UNZIPPED_BYTES_MAX,
      CodeSizeZipped: ZIP_BYTES_MAX,
      ConcurrentExecutions: concurrencyMax(context),
      UnreservedConcurrentExecutions: await unreservedConcurrency(context, context),
    },
    AccountUsage: { TotalCodeSize: codeBytes, FunctionCount: functionNames.size },
  };
}
