import assert from "node:assert/strict";
import test from "node:test";
import { verifyChecksums } from "./checksums.ts";
import type { Refusal } from "./refusal.ts";

/** The check values of each algorithm's catalogue entry: its sum over these nine digits. */
const DIGITS = Buffer.from("123456789");
const SUMS: Record<string, string> = {
  "x-amz-checksum-crc32": "y/Q5Jg==",
  "x-amz-checksum-crc32c": "4waSgw==",
  "x-amz-checksum-crc64nvme": "rosUhgp5mIg=",
  "x-amz-checksum-sha1": "98O8HYCOBHMq32eZZczDTKeuNEE=",
  "x-amz-checksum-sha256": "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
  "content-md5": "JfnnlDI7RTiF9RgfG2JNCw==",
};

test("each kind of checksum is verified", async () => {
  for (const [name, sum] of Object.entries(SUMS)) {
    await verifyChecksums({ [name]: sum }, DIGITS);
    await assert.rejects(
      verifyChecksums({ [name]: sum }, Buffer.from("12345678")),
      ({ code }: Refusal) => code === "BadDigest",
    );
    await assert.rejects(verifyChecksums({ [name]: sum.slice(4) }, DIGITS), ({ code }: Refusal) =>
      code.startsWith("Invalid"),
    );
  }
});

test("large bodies are summed piece by piece", async () => {
  const body = Buffer.alloc(300_000, "0123456789");
  await assert.rejects(
    verifyChecksums({ "x-amz-checksum-crc32c": "AAAAAA==" }, body),
    ({ code }: Refusal) => code === "BadDigest",
  );
  await verifyChecksums({ "x-amz-checksum-crc64nvme": CRC64_OF_LARGE }, body);
});

/** By the oracle below, bit by bit. */
const CRC64_OF_LARGE = ((): string => {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of Buffer.alloc(300_000, "0123456789")) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  }
  const sum = Buffer.alloc(8);
  sum.writeBigUInt64BE(crc ^ 0xffff_ffff_ffff_ffffn);
  return sum.toString("base64");
})();

test("one checksum is enough", async () => {
  await assert.rejects(verifyChecksums(SUMS, DIGITS), ({ code }: Refusal) => code === "InvalidRequest");
  await verifyChecksums({}, DIGITS);
});
