import assert from "node:assert/strict";
import { createHmac, hash } from "node:crypto";
import test from "node:test";
import fc from "fast-check";
import type { WallClock } from "../time/clock.ts";
import { type ChunkOptions, type ChunkSigner, decodeChunked } from "./aws-chunked.ts";
import type { Refusal } from "./refusal.ts";
import { Verifier } from "./sigv4.ts";

/** The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html. */
const EXAMPLE_KEY = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  account: "111122223333",
};

function verifyExample(headers: Record<string, string>, seed: string, body: string): ReturnType<Verifier["verify"]> {
  const all: Record<string, string> = {
    host: "s3.amazonaws.com",
    "content-encoding": "aws-chunked",
    "x-amz-date": "20130524T000000Z",
    "x-amz-decoded-content-length": "66560",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    ...headers,
  };
  const signedHeaders = Object.keys(all).sort().join(";");
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${seed}`;
  const verifier = new Verifier({
    wall: { now: () => Date.UTC(2013, 4, 24) } as WallClock,
    findCredential: () => EXAMPLE_KEY,
  });
  const head = { method: "PUT", path: "/examplebucket/chunkObject.txt", query: "", headers: { ...all, authorization } };
  return verifier.verify(head, { protocol: "rest-xml", resource: head.path }, async () => Buffer.from(body));
}

const A64K = "a".repeat(65_536);
const A1K = "a".repeat(1024);

test("the documented example of signed chunks verifies", async () => {
  const headers = { "content-length": "66824", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
  const seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const body = [
    `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${A64K}\r\n`,
    `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${A1K}\r\n`,
    "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
  ].join("");
  const verified = await verifyExample(headers, seed, body);
  assert.equal(String(verified.body), A64K + A1K);
  assert.deepEqual(verified.trailers, {});
  for (const changed of [
    body.replace("aaa", "aab"),
    body.replace("ad80", "ad81"),
    body.replace(/;chunk-signature=b6\w+/, ""),
  ]) {
    await assert.rejects(
      verifyExample(headers, seed, changed),
      ({ code }: Refusal) => code === "SignatureDoesNotMatch",
    );
  }
});

test("the documented example of signed chunks with a trailer verifies", async () => {
  const headers = {
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "x-amz-trailer": "x-amz-checksum-crc32c",
  };
  const seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
  const body = [
    `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${A64K}\r\n`,
    `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${A1K}\r\n`,
    "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
    "x-amz-checksum-crc32c:sOO8/Q==\n\r\n",
    "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
  ].join("");
  const verified = await verifyExample(headers, seed, body);
  assert.deepEqual(verified.trailers, { "x-amz-checksum-crc32c": "sOO8/Q==" });
  for (const changed of [body.replace("sOO8", "sOO9"), body.replace(/x-amz-trailer-signature.*/, "")]) {
    await assert.rejects(
      verifyExample(headers, seed, changed),
      ({ code }: Refusal) => code === "SignatureDoesNotMatch",
    );
  }
});

const unsigned = (contentLength: number | undefined, trailerNames: string[] = []): ChunkOptions => ({
  contentLength: contentLength?.toString(),
  trailerNames,
});

const signer: ChunkSigner = {
  seed: "00".repeat(32),
  dateAndScope: "20261121T101112Z\n20261121/us-east-1/s3/aws4_request",
  sign: (text) => createHmac("sha256", "key").update(text).digest(),
};

/** Decodes a body that comes in pieces of a size. */
async function decode(
  framed: Buffer,
  options: ChunkOptions,
  pieceBytes: number = framed.length,
): Promise<{ content: Buffer; trailers: Readonly<Record<string, string>> }> {
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < framed.length; at += pieceBytes) yield framed.subarray(at, at + pieceBytes);
  };
  const decoded = decodeChunked(pieces(), options);
  const chunks: Buffer[] = [];
  for (;;) {
    const { done, value } = await decoded.next();
    if (done) return { content: Buffer.concat(chunks), trailers: value };
    chunks.push(value);
  }
}

/** Frames and signs as the documentation says, chunk by chunk. */
function frame(chunks: readonly Uint8Array[]): Buffer {
  let previous = signer.seed;
  const parts = [...chunks, new Uint8Array()].map((chunk) => {
    previous = signer
      .sign(
        [
          "AWS4-HMAC-SHA256-PAYLOAD",
          signer.dateAndScope,
          previous,
          hash("sha256", "", "hex"),
          hash("sha256", chunk, "hex"),
        ].join("\n"),
      )
      .toString("hex");
    return Buffer.concat([
      Buffer.from(`${chunk.length.toString(16)};chunk-signature=${previous}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]);
  });
  return Buffer.concat(parts);
}

test("any chunks come out as they went in, in whatever pieces they come, and with one byte changed not at all", async () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(chunk, { maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.integer({ min: 1, max: 400 }),
      async (chunks, where, flip, pieceBytes) => {
        const content = Buffer.concat(chunks);
        const framed = frame(chunks);
        const options = { ...unsigned(content.length), signer };
        assert.deepEqual((await decode(framed, options, pieceBytes)).content, content);

        const at = where % (framed.length - 2);
        framed[at] = (framed[at] as number) ^ flip;
        const decoded = await decode(framed, options, pieceBytes).catch((error: Refusal) => error.status);
        // A length may be written in capitals, and trailing blank lines mean nothing.
        if (typeof decoded === "object") assert.deepEqual(decoded.content, content);
        else assert.ok(decoded === 400 || decoded === 403);
      },
    ),
  );
});

test("broken framing is refused", async () => {
  const cases: [string, ChunkOptions, string][] = [
    ["3\r\nabc\r\n0\r\n\r\n", unsigned(undefined), "MissingContentLength"],
    ["3\r\nabc\r\n0\r\n\r\n", unsigned(4), "IncompleteBody"],
    ["3\r\nabc\r\n", unsigned(3), "IncompleteBody"],
    ["3\r\nabcd\r\n0\r\n\r\n", unsigned(3), "IncompleteBody"],
    ["ffffffff\r\nabc", unsigned(3), "IncompleteBody"],
    ["-3\r\nabc\r\n0\r\n\r\n", unsigned(3), "IncompleteBody"],
    ["", unsigned(0), "IncompleteBody"],
    ["0\r\nx-amz-meta-a:b\r\n\r\n", unsigned(0, ["x-amz-checksum-crc32"]), "MalformedTrailerError"],
    ["0\r\n\r\n", unsigned(0, ["x-amz-checksum-crc32"]), "MalformedTrailerError"],
    ["0\r\na:b\r\na:c\r\n\r\n", unsigned(0, ["a"]), "MalformedTrailerError"],
    ["0\r\nnonsense\r\n\r\n", unsigned(0), "MalformedTrailerError"],
  ];
  for (const [body, options, code] of cases) {
    await assert.rejects(decode(Buffer.from(body), options), (error: Refusal) => error.code === code, body);
  }
});
