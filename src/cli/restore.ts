import { resolve } from "node:path";
import { ConfigError, readFlags } from "../flags.ts";
import { restore } from "../store/index.ts";
import { RandomIds } from "../time/ids.ts";
import { flagsOf } from "./commands.ts";

/** `trunkline restore --from DIR --data DIR`: makes a data folder of a backup. */
export async function restoreBackup(args: readonly string[]): Promise<number> {
  const { values } = readFlags("restore", flagsOf("restore"), args, { environment: process.env });
  const { from, data } = values;
  if (typeof from !== "string" || from === "") throw new ConfigError("restore takes --from DIR, the backup");
  if (data === ":memory:") throw new ConfigError("--data :memory: keeps nothing; name a folder");
  const folder = resolve(String(data));
  const { files, bytes, taken, trunkline } = restore(resolve(from), folder, new RandomIds().uuid());
  console.log(
    `${folder}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, as of ${taken} (Trunkline ${trunkline})
trunkline start --data ${folder}`,
  );
  return 0;
}
