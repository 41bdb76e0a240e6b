import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { perStore } from "./per-store.ts";
import type { Platform } from "./service.ts";

/** Whose secrets: the key lies in the data folder, or in memory where nothing is kept. */
type Holder = Pick<Platform, "store" | "folder" | "ids">;

const KEY_FILE = "secrets.key";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a text that somebody gave us for safe keeping, so that who reads the database (a backup, a copy for support) has nothing of
 * it without the key beside it. `purpose` is bound to it: a sealed text that is moved to another resource does not open there.
 *
 * AES-256-GCM. Outside of units: a unit may run twice, and each sealing is another text.
 */
export function sealSecret(holder: Holder, purpose: string, text: string): string {
  const nonce = Buffer.from(holder.ids.bytes(NONCE_BYTES));
  const cipher = createCipheriv("aes-256-gcm", keyOf(holder), nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("base64");
}

/** `undefined` for what was not sealed with this key for this purpose: the file with the key was lost or replaced. */
export function openSecret(holder: Holder, purpose: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", keyOf(holder), bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

const keys = perStore(() => ({ key: undefined as KeyObject | undefined }));

function keyOf(holder: Holder): KeyObject {
  const known = keys(holder.store);
  known.key ??= createSecretKey(holder.folder.isKept ? keyInFolder(holder) : Buffer.from(holder.ids.bytes(KEY_BYTES)));
  return known.key;
}

/** The folder belongs to one process. The file is synced before anything is sealed with what it holds. */
function keyInFolder({ folder, ids }: Holder): Buffer {
  const path = join(folder.path(), KEY_FILE);
  try {
    return Buffer.from(readFileSync(path, "utf8").trim(), "hex");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const key = Buffer.from(ids.bytes(KEY_BYTES));
  const draft = `${path}.draft`;
  writeFileSync(draft, `${key.toString("hex")}\n`, { mode: 0o600, flush: true });
  renameSync(draft, path);
  const directory = openSync(folder.path(), "r");
  fsyncSync(directory);
  closeSync(directory);
  return key;
}
