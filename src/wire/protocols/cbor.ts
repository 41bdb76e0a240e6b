import { EpochMilliseconds } from "./cbor-format.ts";
import { timestampOf } from "./timestamps.ts";
import { createTreeCodec, refuseType, type TreeCodec } from "./tree.ts";

/** Values as the CBOR of Kinesis has them: blobs are byte strings, timestamps are milliseconds under the tag of times. */
export const cborTree: TreeCodec = createTreeCodec({
  members: "wire",
  parseBlob: (raw) => (raw instanceof Uint8Array ? raw : refuseType(raw, "a Blob")),
  formatBlob: (bytes) => bytes,
  parseTimestamp: (raw) => {
    const milliseconds = raw instanceof EpochMilliseconds ? raw.value : raw;
    if (typeof milliseconds === "number") return timestampOf(milliseconds, milliseconds);
    return refuseType(raw, "milliseconds since epoch");
  },
  formatTimestamp: (date) => new EpochMilliseconds(date.getTime()),
});
