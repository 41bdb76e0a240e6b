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

/** The text of the file or environment variable that a text names, or else the text itself; `undefined` where there is no such, a problem. */
export function textBeside(file: InitFile, place: Place, text: string): string | undefined {
  const [, variable] = VARIABLE.exec(text) ?? [];
  if (variable !== undefined) {
    const value = process.env[variable];
    if (value === undefined) file.problem(place, `the environment has no variable ${variable}`);
    return value;
  }
  const [, name] = NAMED.exec(text) ?? [];
  if (name === undefined) return text;
  return read(file, place, name, (path) => new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
}

/** The bytes of the file that a text names, or else of the text itself; `undefined` with a problem, as above. */
export function bytesBeside(file: InitFile, place: Place, text: string): Buffer | undefined {
  const [, name] = NAMED.exec(text) ?? [];
  return name === undefined ? Buffer.from(text) : read(file, place, name, (path) => readFileSync(path));
}

/** Code as an archive: that of a `.zip`, or made of a source file or of all that a folder holds. `undefined` with a problem, as above. */
export async function codeOf(file: InitFile, place: Place, text: string): Promise<Buffer | undefined> {
  const [, name] = NAMED.exec(text) ?? [];
  if (name === undefined) return file.problem(place, `code is \${file:PATH}, not ${JSON.stringify(text)}`) as undefined;
  const sources = read(file, place, name, (path): Buffer | ReadonlyMap<string, Buffer> => {
    if (statSync(path).isDirectory()) return filesUnder(path);
    return path.endsWith(".zip") ? readFileSync(path) : new Map([[basename(path), readFileSync(path)]]);
  });
  if (sources === undefined || Buffer.isBuffer(sources)) return sources;
  if (sources.size === 0) return file.problem(place, `${name} holds no file`) as undefined;
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

function read<T>(file: InitFile, place: Place, name: string, by: (path: string) => T): T | undefined {
  try {
    return by(resolve(file.folder, name));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = {
      ENOENT: "it is not there",
      EISDIR: "it is a folder",
      ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8",
    };
    const said = Object.hasOwn(why, code ?? "") ? why[code as keyof typeof why] : message;
    return file.problem(place, `the file ${name} cannot be read: ${said}`) as undefined;
  }
}
