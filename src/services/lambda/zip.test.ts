import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import { ZipFile } from "yazl";
import { unpackZip } from "./zip.ts";

const base = mkdtempSync(join(tmpdir(), "trunkline-zip-"));
after(() => rmSync(base, { recursive: true, force: true }));

let zips = 0;

/** Unpacks a zip with these links and files into a folder of its own, two folders below `base`. */
async function unpackLinks(
  links: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  for (const [name, target] of Object.entries(links)) zip.addBuffer(Buffer.from(target), name, { mode: 0o120777 });
  zip.end();
  const path = join(base, `${++zips}.zip`);
  writeFileSync(path, await buffer(zip.outputStream as NodeJS.ReadableStream));
  const folder = join(base, String(zips), "code");
  mkdirSync(folder, { recursive: true });
  await unpackZip(path, folder);
  return folder;
}

test("links within a zip are links", async () => {
  const folder = await unpackLinks({ "lib/here": "../there" });
  assert.equal(readlinkSync(join(folder, "lib/here")), "../there");
});

test("links that lead out are refused, also by way of other links", async () => {
  const bad = { name: "ModeledError", message: /^Could not unzip/ };
  await assert.rejects(unpackLinks({ out: "../.." }), bad);
  await assert.rejects(unpackLinks({ here: ".", "here/out": "..", "out/escaped/link": "x" }), bad);
  assert.equal(existsSync(join(base, String(zips), "escaped")), false);
});

test("names that cannot be there, or not together, are a bad zip's", async () => {
  const bad = { name: "ModeledError", message: /^Could not unzip/ };
  await assert.rejects(unpackLinks({}, { ["n".repeat(300)]: "x" }), bad);
  await assert.rejects(unpackLinks({ a: "elsewhere" }, { "a/b": "x" }), bad);
  await assert.rejects(unpackLinks({ empty: "" }), bad);
  await assert.rejects(unpackLinks({ odd: "a\0b" }), bad);
});
