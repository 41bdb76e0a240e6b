import { resolve } from "node:path";
import { ConfigError } from "../flags.ts";
import type { BackupNews } from "../store/store.ts";
import { linesOf, readTarget, request } from "./client.ts";

type Told = BackupNews | { readonly kind: "failed"; readonly error: string };

/** `trunkline backup --to DIR`: the server makes it; this shows how far it is. */
export async function backup(args: readonly string[]): Promise<number> {
  const target = readTarget("backup", args);
  const { to, json } = target.flags;
  if (typeof to !== "string" || to === "") throw new ConfigError("backup takes --to DIR, the folder to make");
  if (target.names.length > 0) throw new ConfigError(`backup takes no ${target.names[0]}; name the folder with --to`);
  const folder = resolve(to);
  const response = await request(target, "POST", "/_trunkline/backup", JSON.stringify({ to: folder }));
  for await (const line of linesOf(response)) {
    if (json) console.log(line);
    const told = JSON.parse(line) as Told;
    if (told.kind === "failed") throw new ConfigError(told.error);
    if (told.kind === "done") {
      if (!json) console.log(`${folder}: ${told.files} files, ${megabytes(told.bytes)}, as of ${told.taken}`);
      return 0;
    }
    if (!json && process.stderr.isTTY) show(told);
  }
  throw new ConfigError("the server broke off before the backup was whole; nothing of it is to be used");
}

function show(told: BackupNews): void {
  const text =
    told.kind === "began"
      ? `${megabytes(told.bytes)} to copy`
      : told.kind === "files"
        ? `${told.files} files beside the store`
        : told.kind === "copied"
          ? `${Math.floor(told.share * 100)} % of the store`
          : "";
  process.stderr.write(`\r\x1b[K${text}${told.kind === "copied" && told.share === 1 ? ", looking at the copy\n" : ""}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
