import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Config, ConfigError, isLoopback, isPrivate } from "./config.ts";
import type { WallClock } from "./time/clock.ts";
import { type Credential, DEFAULT_CREDENTIAL, parseCredentials, readCredentialRows } from "./wire/credentials.ts";

/** Who may sign requests. */
export interface Credentials {
  find(accessKeyId: string): Credential | undefined;
  readonly accessKeyIds: readonly string[];
  /** The account of the first row: whoever operates the server has it. */
  readonly operatorAccount: string;
}

/** How often at most the file is looked at again, in milliseconds: `trunkline credentials add` works on a running server. */
const RECHECK_MS = 500;

/** The file that `trunkline credentials` writes and `start` reads where no other was named. */
export function credentialsFile(config: Pick<Config, "credentialsFile" | "data">): string | undefined {
  return config.credentialsFile ?? (config.data === ":memory:" ? undefined : join(config.data, "credentials"));
}

/**
 * Reads the access keys that a config names: a file, rows, or the file in the data folder; and on loopback, where others cannot
 * reach us, the key `test` if there is no other.
 *
 * Throws `ConfigError` for a file that was named and is not there, and where there is no key at all; `CredentialsError` for rows that are wrong,
 * and a file that cannot be read. `warn` is told of the same while the server runs: the keys that were right go on then.
 */
export function openCredentials(
  config: Config,
  wall: WallClock,
  warn: (message: string) => void = () => {},
): Credentials {
  const file = config.credentialRows === undefined ? credentialsFile(config) : undefined;
  if (config.credentialsFile !== undefined && !existsSync(config.credentialsFile)) {
    throw new ConfigError(`--credentials: there is no file ${config.credentialsFile}`);
  }
  const read = (): Map<string, Credential> => {
    const rows = file !== undefined ? readCredentialRows(file) : (config.credentialRows ?? "");
    const listed = parseCredentials(rows, file ?? "TRUNKLINE_CREDENTIALS");
    const all = listed.length === 0 && isPrivate(config) ? [DEFAULT_CREDENTIAL] : listed;
    return new Map(all.map((credential) => [credential.accessKeyId, credential]));
  };

  let known = read();
  if (known.size === 0) {
    throw new ConfigError(
      `${isLoopback(config.host) ? `--public-url ${config.publicUrl}` : `--host ${config.host}`}: others can reach this address, so it needs access keys first: trunkline credentials add --account 111122223333`,
    );
  }
  let changedMs = modifiedMs(file);
  let checkedMs = wall.monotonicMs();

  const refresh = (): void => {
    if (wall.monotonicMs() - checkedMs < RECHECK_MS) return;
    checkedMs = wall.monotonicMs();
    const nowMs = modifiedMs(file);
    if (nowMs === changedMs) return;
    changedMs = nowMs;
    try {
      known = read();
    } catch (error) {
      // Somebody is editing the file: the keys that were right go on until it is right again.
      warn(`${(error as Error).message}: the keys from before go on`);
    }
  };
  return {
    find: (accessKeyId) => {
      refresh();
      return known.get(accessKeyId);
    },
    accessKeyIds: [...known.keys()],
    get operatorAccount() {
      refresh();
      const [first] = known.values();
      return first?.account ?? "";
    },
  };
}

function modifiedMs(file: string | undefined): number | undefined {
  try {
    return file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  } catch {
    // A folder above it is closed to us: whoever reads the file says so.
    return undefined;
  }
}
