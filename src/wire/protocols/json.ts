import { isUtf8 } from "node:buffer";
import { decodeBase64 } from "./base64.ts";
import { Malformed } from "./malformed.ts";
import { formatTimestamp, parseTimestamp, timestampOf } from "./timestamps.ts";
import { createTreeCodec, refuseType, type TreeCodec, type TreeFormat } from "./tree.ts";

/** Values as JSON has them: blobs in base64, timestamps as seconds since the epoch unless the model says otherwise. */
const json: TreeFormat = {
  members: "wire",
  parseBlob: (raw) => (typeof raw === "string" ? decodeBase64(raw) : refuseType(raw, "a Blob")),
  formatBlob: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  parseTimestamp: (raw) => {
    if (typeof raw === "number") return timestampOf(raw * 1000, raw);
    return typeof raw === "string" ? parseTimestamp(raw) : refuseType(raw, "milliseconds since epoch");
  },
  formatTimestamp: (date, declared = "unixTimestamp") =>
    declared === "unixTimestamp" ? date.getTime() / 1000 : formatTimestamp(date, declared),
};

export const jsonTree: TreeCodec = createTreeCodec(json);

/** An operation's input or output as one JSON document, whatever its protocol: what the AWS CLI takes as `--cli-input-json` and prints. */
export const documentTree: TreeCodec = createTreeCodec({
  ...json,
  members: "model",
  formatTimestamp: (date) => date.toISOString(),
});

/** Throws `Malformed`. */
export function parseJson(body: Buffer): unknown {
  try {
    if (isUtf8(body)) return JSON.parse(body.toString("utf8"));
  } catch {
    // The parser's own words name JavaScript's grammar and quote the body; the services say no more than this.
  }
  throw new Malformed("malformed", "Could not parse request body into json");
}

export function formatJson(tree: unknown): Buffer {
  return Buffer.from(JSON.stringify(tree));
}
