import { isAbsolute } from "node:path";
import type { Platform } from "../services/service.ts";
import { BackupError, type BackupNews } from "../store/store.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { bodyOf, requireMembers } from "./connect-answer.ts";

/** One at a time: two would read the same disk, and hold files and the write-ahead log for longer. */
const running = new WeakSet<Platform["store"]>();

/**
 * `POST /_trunkline/backup` with `{"to": "/absolute/path"}`: copies the data folder, as it is now, into a new folder on the server's machine. It holds
 * what belongs to all accounts: whoever calls this has seen that it is asked for by their operator.
 *
 * The answer is a JSON document a line: how far it is, and at the end `done` or `failed` with `error`. Whoever ends the connection ends the backup.
 */
export async function startBackup(platform: Platform, version: string, request: PlainRequest): Promise<PlainResponse> {
  const body = bodyOf(await request.body());
  if ("error" in body) return failure(400, body.error);
  requireMembers(body.value, "backup", ["to"]);
  const { to } = body.value;
  if (typeof to !== "string" || !isAbsolute(to) || to.includes("\0")) {
    return failure(400, "to is the absolute path of a new folder on the server's machine");
  }
  if (platform.store.backup === undefined) {
    return failure(409, "What lies in memory cannot be backed up; start with --data DIR to keep it");
  }
  if (running.has(platform.store)) return failure(409, "Another backup is running; it must end first");
  const headers = { "content-type": "application/x-ndjson" };
  return { status: 200, headers, body: lines(platform, { to, version, signal: request.signal }) };
}

async function* lines(
  platform: Platform,
  { to, version, signal }: { to: string; version: string; signal: AbortSignal },
): AsyncGenerator<string> {
  const { store, folder, ids, wall, log } = platform;
  running.add(store);
  let hold: Disposable | undefined;
  const begunMs = wall.monotonicMs();
  try {
    hold = await folder.steps.hold();
    const taken = new Date(wall.now()).toISOString();
    for await (const news of store.backup?.({ to, version, signal, taken, unique: ids.uuid() }) ?? []) {
      if (news.kind === "files") hold[Symbol.dispose]();
      if (news.kind === "done") log.info({ to, ...news, durationMs: wall.monotonicMs() - begunMs }, "backup made");
      yield `${JSON.stringify(told(news))}\n`;
    }
  } catch (error) {
    const isForUser = error instanceof BackupError;
    if (isForUser) log.warn({ to, reason: error.message }, "backup failed");
    else log.error({ to, err: error }, "backup failed");
    yield `${JSON.stringify({ kind: "failed", error: isForUser ? error.message : "An internal failure has occurred." })}\n`;
  } finally {
    hold?.[Symbol.dispose]();
    running.delete(store);
  }
}

/** Shares in whole thousandths: nobody reads more of them. */
function told(news: BackupNews): BackupNews {
  return news.kind === "copied" ? { ...news, share: Math.round(news.share * 1000) / 1000 } : news;
}
