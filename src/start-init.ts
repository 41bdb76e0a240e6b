import type { Logger } from "pino";
import type { CallOperation } from "./control/index.ts";
import { type Applied, applyFile, type Call, Refused } from "./init/index.ts";
import type { Ids } from "./time/ids.ts";

export interface Root {
  readonly callOperation: CallOperation;
  readonly ids: Ids;
  readonly accessKeyId: string;
  readonly account: string;
  readonly log: Logger;
}

/** Applies an init file as an account's root, without a request. Throws `InitError`. */
export async function applyInitFile(
  { file, region }: { readonly file: string; readonly region: string },
  { callOperation, ids, accessKeyId, account, log }: Root,
): Promise<Applied> {
  const callIn =
    (inRegion: string): Call =>
    async (model, operation, input) => {
      const { status, document } = await callOperation(
        { model, operation, input },
        {
          ...{ account, region: inRegion, accessKeyId },
          principalArn: `arn:aws:iam::${account}:root`,
          requestId: ids.uuid(),
          signal: new AbortController().signal,
        },
      );
      if (status < 400) return document as Record<string, unknown>;
      const { code, message } = document as { code: string; message: string };
      throw new Refused(code, `${operation}: ${code}: ${message}`);
    };
  const applied = await applyFile(file, { callIn, region, account });
  for (const line of applied.unchangeable) log.warn(line);
  return applied;
}
