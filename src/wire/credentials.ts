import { chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** An access key: who signs with it, and as whom. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The account that the key belongs to, 12 digits. */
  readonly account: string;
  /** Temporary keys carry a token, which must come with each request. */
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
  /** Whom temporary keys act as; without it, the account's root. */
  readonly principalArn?: string;
}

/** A list of credentials that cannot be used as it is: one line that names the place and says what is wrong. */
export class CredentialsError extends Error {
  override readonly name: string = "CredentialsError";
}

/** The key that is there on loopback where no other is configured. */
export const DEFAULT_CREDENTIAL: Credential = {
  accessKeyId: "test",
  secretAccessKey: "test",
  account: "000000000000",
};

/** `/` would not survive the credential scope, which is separated by it. */
const ACCESS_KEY_ID = /^[\w.+=@-]{1,128}$/;

/**
 * Reads rows of key, secret and account, separated by commas or blanks; `#` begins a comment where a row or a column begins.
 *
 * `source` is what messages call the text: a file's name, or the variable's. Throws `CredentialsError`.
 */
export function parseCredentials(text: string, source: string): Credential[] {
  const credentials: Credential[] = [];
  const rowOf = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const row = index + 1;
    const columns = columnsOf(line);
    if (columns.length === 0) continue;
    const where = `${source}, row ${row}`;
    if (columns.length !== 3) {
      throw new CredentialsError(`${where}: expected key, secret and account, found ${columns.length} of them`);
    }
    const [accessKeyId = "", secretAccessKey = "", account = ""] = columns;
    checkCredential({ accessKeyId, secretAccessKey, account }, where);
    const earlier = rowOf.get(accessKeyId);
    if (earlier !== undefined)
      throw new CredentialsError(`${where}: the key ${accessKeyId} is in row ${earlier} already`);
    rowOf.set(accessKeyId, row);
    credentials.push({ accessKeyId, secretAccessKey, account });
  }
  return credentials;
}

/** What stands in a file of credentials; nothing where there is none. Throws `CredentialsError` for one that cannot be read. */
export function readCredentialRows(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "";
    throw new CredentialsError(`${file} cannot be read: ${code}`);
  }
}

/**
 * Adds a row to a file, which is made where there is none. Other rows and comments stay as they are.
 *
 * Throws `CredentialsError` for a key that is there already, and for a file that cannot be read as credentials.
 */
export function addCredential(file: string, credential: Credential): void {
  checkCredential(credential, file);
  const { accessKeyId, secretAccessKey, account } = credential;
  const text = readCredentialRows(file);
  if (parseCredentials(text, file).some((other) => other.accessKeyId === accessKeyId)) {
    throw new CredentialsError(`${file}: the key ${accessKeyId} is there already`);
  }
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  replaceFile(file, `${text}${separator}${accessKeyId}, ${secretAccessKey}, ${account}\n`);
}

/** Removes a key's row from a file. Throws `CredentialsError` where there is no such key. */
export function removeCredential(file: string, accessKeyId: string): void {
  const text = readCredentialRows(file);
  if (!parseCredentials(text, file).some((credential) => credential.accessKeyId === accessKeyId)) {
    throw new CredentialsError(`${file}: there is no key ${accessKeyId}`);
  }
  const kept = text.split("\n").filter((line) => columnsOf(line)[0] !== accessKeyId);
  replaceFile(file, kept.join("\n"));
}

function columnsOf(line: string): string[] {
  const columns = line.split(/[,\s]+/).filter((column) => column !== "");
  const comment = columns.findIndex((column) => column.startsWith("#"));
  return comment === -1 ? columns : columns.slice(0, comment);
}

/** Messages show no column of a row that is wrong: where columns are mixed up, any of them can be the secret. */
function checkCredential({ accessKeyId, secretAccessKey, account }: Credential, where: string): void {
  if (!ACCESS_KEY_ID.test(accessKeyId)) {
    throw new CredentialsError(`${where}: the key is not 1 to 128 letters, digits or _.+=@-`);
  }
  if (!/^[^\s,#][^\s,]*$/.test(secretAccessKey)) {
    throw new CredentialsError(`${where}: the secret is empty, holds a comma or a blank, or begins with #`);
  }
  if (!/^\d{12}$/.test(account)) throw new CredentialsError(`${where}: the account is not 12 digits`);
}

/**
 * Readers see the old file or the new one, and nobody but the owner sees either: whoever owned the old one, or the folder. Root writes it for
 * a server that runs as somebody else.
 *
 * Throws `CredentialsError` where it cannot be written.
 */
function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const { uid, gid } = statSync(file, { throwIfNoEntry: false }) ?? statSync(dirname(file));
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    if (process.getuid?.() === 0) chownSync(draft, uid, gid);
    renameSync(draft, file);
  } catch (error) {
    throw new CredentialsError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}
