/**
 * Zips from outside. Nothing that one says of itself is trusted: names that lead elsewhere, more files or bytes than are allowed, sizes and
 * checksums that are not so, and what is compressed in an unknown way, make it a bad zip.
 */
import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { invalid } from "./errors.ts";
import { UNZIPPED_BYTES_MAX, ZIP_ENTRIES_MAX } from "./limits.ts";

/** Reads all of a zip and keeps nothing. Answers how many bytes its files have. Throws `InvalidParameterValueException` for a bad one. */
export function checkZip(path: string): Promise<number> {
  return eachFile(path, async () => new Writable({ write: (_chunk, _encoding, done) => done() }));
}

/**
 * Unpacks a zip into a folder that is there. Links come last, so that nothing is written through one; one that leads out of the folder is a
 * bad zip's. Files are as others may read them, and may be executed where the zip says so.
 */
export async function unpackZip(path: string, folder: string): Promise<void> {
  const links: { readonly name: string; readonly target: string }[] = [];
  await eachFile(path, async (entry) => {
    const file = join(folder, entry.fileName);
    if (isFolder(entry)) {
      await mkdir(file, { recursive: true });
      return undefined;
    }
    if (isLink(entry)) return collected((target) => links.push({ name: entry.fileName, target }));
    await mkdir(dirname(file), { recursive: true });
    // Opened before the stream is made: an error of one that nobody reads from yet would end the process.
    return (await open(file, "w", modeOf(entry) & 0o111 ? 0o755 : 0o644)).createWriteStream();
  });
  const linked = new Set(links.map(({ name }) => posix.normalize(name)));
  for (const { name, target } of links) {
    // A link behind a link could be somewhere else than its name says.
    for (let at = posix.dirname(posix.normalize(name)); at !== "."; at = posix.dirname(at))
      if (linked.has(at)) throw badZip();
    const leadsTo = posix.join(posix.dirname(name), target);
    if (target === "" || posix.isAbsolute(target) || leadsTo === ".." || leadsTo.startsWith("../")) throw badZip();
    try {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await symlink(target, join(folder, name));
    } catch (error) {
      throw badOrOurs(error as NodeJS.ErrnoException);
    }
  }
  await chmod(folder, 0o755);
}

function badZip(): Error {
  return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
}

function tooBig(): Error {
  return invalid(`Unzipped size must be smaller than ${UNZIPPED_BYTES_MAX} bytes`);
}

/** A link's target is its content; longer ones are none. */
const LINK_BYTES_MAX = 4096;

function collected(take: (text: string) => void): Writable {
  const chunks: Buffer[] = [];
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done(chunks.reduce((sum, { length }) => sum + length, 0) > LINK_BYTES_MAX ? badZip() : undefined);
    },
    final: (done) => {
      take(Buffer.concat(chunks).toString());
      done();
    },
  });
}

/** Streams each file's bytes into what `openFile` answers. */
async function eachFile(path: string, openFile: (entry: Entry) => Promise<Writable | undefined>): Promise<number> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    if (zip.entryCount > ZIP_ENTRIES_MAX) throw invalid(`A zip may have at most ${ZIP_ENTRIES_MAX} entries`);
    let bytes = 0;
    let declaredBytes = 0;
    for await (const entry of zip.eachEntry()) {
      // What says of itself that it is too big is not looked at further.
      declaredBytes += entry.uncompressedSize;
      if (declaredBytes >= UNZIPPED_BYTES_MAX) throw tooBig();
      if (!isFolder(entry) && !entry.canDecodeFileData()) throw badZip();
      const source = isFolder(entry) ? undefined : await zip.openReadStreamPromise(entry);
      const into = await openFile(entry);
      if (into === undefined || source === undefined) continue;
      let sum = 0;
      await pipeline(
        source,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            bytes += chunk.length;
            if (bytes >= UNZIPPED_BYTES_MAX) throw tooBig();
            sum = crc32(chunk, sum);
            yield chunk;
          }
        },
        into,
      );
      if (sum !== entry.crc32) throw badZip();
    }
    return bytes;
  } catch (error) {
    throw badOrOurs(error as NodeJS.ErrnoException);
  } finally {
    zip?.close();
  }
}

/** What the file system says is no fault of the zip, unless its names cannot be there, or not together. */
function badOrOurs(error: NodeJS.ErrnoException): Error {
  const { code = "" } = error;
  const isOurs = /^E[A-Z]+$/.test(code) && !NAMES_FAULTS.has(code);
  return isOurs || error.name === "ModeledError" ? error : badZip();
}

const NAMES_FAULTS: ReadonlySet<string> = new Set(["EEXIST", "EINVAL", "EISDIR", "ELOOP", "ENAMETOOLONG", "ENOTDIR"]);

const FILE_TYPE = 0o170000;
const LINK_TYPE = 0o120000;
/** The system that made an entry, in the upper byte: only Unix has modes. */
const UNIX = 3;

function modeOf({ externalFileAttributes, versionMadeBy }: Entry): number {
  return versionMadeBy >>> 8 === UNIX ? externalFileAttributes >>> 16 : 0o644;
}

function isLink(entry: Entry): boolean {
  return (modeOf(entry) & FILE_TYPE) === LINK_TYPE;
}

function isFolder({ fileName }: Entry): boolean {
  return fileName.endsWith("/");
}
