import { readFileSync } from "node:fs";
import { ConfigError } from "../config.ts";

/** The text of a file, of standard input where it is called `-`, without a byte order mark. Throws `ConfigError`. */
export function readInput(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8").replace(/^\ufeff/, "");
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
