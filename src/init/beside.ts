/** Files that an init file names, beside it: `${file:flows/greeting.json}`. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import type { InitFile, Place } from "./init-file.ts";

const NAMED = /^\$\{file:([^{}]+)\}$/;

/** The same files make the same archive, whenever they were written: else nobody could say whether code differs. */
const WRITTEN = { mtime: new Date(Date.UTC(1980, 0, 1)), mode: 0o100644, forceDosTimestamp: true };

const VARIABLE = /^\$\{env:([^{}]+)\}$/;

/** The text of the file or environment variable that a text names, or else the text itself. Throws `InitError`. */
export function textBeside(file: InitFile, place: Place, text: string): string {
  const [, variable] = VARIABLE.exec(text) ?? [];
  if (variable !== undefined) {
    const value = process.env[variable];
    if (value === undefined) throw file.error(place, `the environment has no variable ${variable}`);
    return value;
  }
  const [, name] = NAMED.exec(text) ?? [];
  if (name === undefined) return text;
  return read(file, place, name, (path) => new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
}

/** A function's code as an archive: that of a `.zip`, or made of a source file or of all that a folder holds. */
export async function codeOf(file: InitFile, place: Place, text: string): Promise<Buffer> {
  const [, name] = NAMED.exec(text) ?? [];
  if (name === undefined) throw file.error(place, `Code is \${file:PATH}, not ${JSON.stringify(text)}`);
  const sources = read(file, place, name, (path): Buffer | ReadonlyMap<string, Buffer> => {
    if (statSync(path).isDirectory()) return filesUnder(path);
    return path.endsWith(".zip") ? readFileSync(path) : new Map([[basename(path), readFileSync(path)]]);
  });
  if (Buffer.isBuffer(sources)) return sources;
  if (sources.size === 0) throw file.error(place, `${name} holds no file`);
  const archive = new ZipFile();
  for (const [path, content] of sources) archive.addBuffer(content, path, WRITTEN);
  archive.end();
  return buffer(archive.outputStream);
}

function filesUnder(folder: string): ReadonlyMap<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(paths.map((path) => [relative(folder, path).replaceAll("\\", "/"), readFileSync(path)]));
}

function read<T>(file: InitFile, place: Place, name: string, by: (path: string) => T): T {
  try {
    return by(resolve(file.folder, name));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw file.error(place, `the file ${name} cannot be read: ${code === "ENOENT" ? "it is not there" : message}`);
  }
}
