import { type FileHandle, open } from "node:fs/promises";
import { openToken, sealToken } from "../sealed-token.ts";
import type { Context, Platform } from "../service.ts";
import { zipPath } from "./code-files.ts";

/** As long as the real service's URLs are good for. */
const URL_MS = 600_000;
const KIND = "lambda.code";

/** Where a function's zip can be downloaded for ten minutes, by whoever has the URL. */
export async function codeUrl(context: Context, code: string): Promise<string> {
  const { account, region, endpoint } = context;
  const token = await sealToken(context, KIND, [code]);
  return `${endpoint}/_trunkline/function-code?${new URLSearchParams({ account, region, token })}`;
}

/** The file that such a URL stands for; `undefined` where it is none of ours, is too old, or the zip is gone. */
export async function openCode(platform: Platform, query: string): Promise<FileHandle | undefined> {
  const given = new URLSearchParams(query);
  const { store, clock, ids } = platform;
  const scope = { store, clock, ids, account: given.get("account") ?? "", region: given.get("region") ?? "" };
  const opened = await openToken(scope, KIND, given.get("token") ?? "");
  if (!opened || clock.now() > opened.issuedMs + URL_MS) return undefined;
  const [code] = opened.fields;
  try {
    return await open(zipPath(platform, String(code)), "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
