import { readFileSync } from "node:fs";
import { ConfigError } from "../config.ts";

/** The UTF-8 text of a file, of standard input where it is called `-`, without a byte order mark. Throws `ConfigError`. */
export function readInput(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file === "-" ? 0 : file));
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
