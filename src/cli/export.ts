import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../config.ts";
import { exportText, Refused } from "../init/index.ts";
import { accountOf, callTo } from "./apply.ts";
import { readTarget, request } from "./client.ts";

const SCHEMA = fileURLToPath(new URL("../../docs/init.schema.json", import.meta.url));

/** `trunkline export [--file FILE] [--format json|yaml]`: what a running server has, as an init file. */
export async function exportResources(args: readonly string[]): Promise<number> {
  const target = readTarget("export", args);
  if (target.names.length > 0) throw new ConfigError("export takes no names; --file says where to write");
  const file = target.flags.file === undefined ? undefined : String(target.flags.file);
  const format = target.flags.format ?? (file?.endsWith(".json") ? "json" : "yaml");
  if (format !== "json" && format !== "yaml") throw new ConfigError(`--format: ${format} is neither json nor yaml`);
  const folder = dirname(file ?? "");
  const text = await exportText({
    call: callTo(target),
    region: target.region,
    account: await accountOf(target),
    format,
    ...(file !== undefined && { write: (path, content) => writeBeside(join(folder, path), content) }),
    fetchCode: async (url) => {
      const { pathname, search } = new URL(url);
      return Buffer.from(await (await request(target, "GET", pathname + search)).arrayBuffer());
    },
  }).catch((error: unknown) => {
    throw error instanceof Refused ? new ConfigError(`${target.url.origin}: ${error.message}`) : error;
  });
  if (file === undefined) process.stdout.write(text);
  else
    writeBeside(
      file,
      format === "yaml" ? `# yaml-language-server: $schema=${relative(folder, SCHEMA)}\n${text}` : text,
    );
  return 0;
}

function writeBeside(path: string, content: string | Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw new ConfigError(`${path} cannot be written: ${(error as Error).message}`);
  }
}
