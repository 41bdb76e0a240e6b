import { createRequire } from "node:module";
import { Malformed } from "./malformed.ts";
import { timestampOf } from "./timestamps.ts";
import { createTreeCodec, refuseType, type TreeCodec } from "./tree.ts";

type CborLibrary = typeof import("@smithy/core/cbor");

const require = createRequire(import.meta.url);
let loaded: CborLibrary | undefined;

/** Loaded with the first CBOR request, since it costs 30 ms and 12 MB, and only the Java SDKs and Kinesis agents speak CBOR. */
function library(): CborLibrary {
  loaded ??= require("@smithy/core/cbor") as CborLibrary;
  return loaded;
}

/** CBOR's tag for epoch time. The standard counts seconds; Kinesis counts milliseconds. */
const EPOCH_TAG = 1;

/** Values as the CBOR of Kinesis has them: blobs are byte strings, timestamps tagged integers of milliseconds. */
export const cborTree: TreeCodec = createTreeCodec({
  parseBlob: (raw) => (raw instanceof Uint8Array ? raw : refuseType(raw, "a Blob")),
  formatBlob: (bytes) => bytes,
  parseTimestamp: (raw) => {
    const milliseconds = isTagged(raw) ? raw.value : raw;
    return typeof milliseconds === "number"
      ? timestampOf(milliseconds, milliseconds)
      : refuseType(raw, "milliseconds since epoch");
  },
  formatTimestamp: (date) => library().tag({ tag: EPOCH_TAG, value: date.getTime() }),
});

function isTagged(raw: unknown): raw is { tag: number; value: unknown } {
  return typeof raw === "object" && raw !== null && "tag" in raw && raw.tag === EPOCH_TAG && "value" in raw;
}

/** A CBOR body; an empty one is an empty map. Throws `Malformed`. */
export function parseCbor(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return library().cbor.deserialize(body);
  } catch {
    // Whatever the decoder stumbles over (a length beyond the end, a bad type, nesting beyond the stack) is the sender's.
    throw new Malformed("malformed", "Could not parse request body into cbor");
  }
}

export function formatCbor(tree: unknown): Buffer {
  return Buffer.from(library().cbor.serialize(tree));
}
