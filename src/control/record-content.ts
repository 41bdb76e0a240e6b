/** What the bytes of a record say, for eyes. */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { deaggregate } from "../services/firehose/index.ts";

export interface RecordContent {
  readonly bytes: number;
  /** What `text` is: `json`, `text` in UTF-8, or `base64` of what is neither. */
  readonly encoding: "json" | "text" | "base64";
  /** Its beginning, where it is cut. */
  readonly text: string;
  readonly isCut: boolean;
  /** The bytes are compressed; `text` is of what was. */
  readonly compression?: "gzip";
  /** Those that a producer library has packed into one. */
  readonly aggregated?: readonly (Omit<RecordContent, "aggregated"> & { readonly partitionKey: string })[];
  readonly aggregatedCount?: number;
}

/** Records of an aggregate that are shown. */
const AGGREGATED_MAX = 100;

/** `max`: bytes that are looked at. */
export async function readContent(data: Uint8Array, max: number): Promise<RecordContent> {
  const packed = deaggregate({ data, partitionKey: "" });
  const [one] = packed;
  if (packed.length === 1 && one?.data === data) return contentOf(data, max);
  const each = Math.max(200, Math.floor(max / Math.max(1, packed.length)));
  return {
    ...(await contentOf(data, max)),
    aggregatedCount: packed.length,
    aggregated: await Promise.all(
      packed.slice(0, AGGREGATED_MAX).map(async (record) => ({
        partitionKey: record.partitionKey,
        ...(await contentOf(Buffer.from(record.data as Uint8Array), each)),
      })),
    ),
  };
}

async function contentOf(data: Uint8Array, max: number): Promise<Omit<RecordContent, "aggregated">> {
  const unpacked = data[0] === 0x1f && data[1] === 0x8b ? await gunzipped(data, max) : undefined;
  const whole = unpacked ?? { bytes: data.subarray(0, max), isCut: data.length > max };
  const text = textOf(whole.bytes, whole.isCut);
  return {
    bytes: data.length,
    ...(text === undefined
      ? { encoding: "base64" as const, text: Buffer.from(whole.bytes).toString("base64") }
      : { encoding: isJson(text, whole.isCut) ? ("json" as const) : ("text" as const), text }),
    isCut: whole.isCut,
    ...(unpacked && { compression: "gzip" as const }),
  };
}

/** The beginning of what was compressed; `undefined` where nothing was. */
async function gunzipped(
  data: Uint8Array,
  max: number,
): Promise<{ readonly bytes: Uint8Array; readonly isCut: boolean } | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of Readable.from([data]).pipe(createGunzip()) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > max) break;
    }
  } catch {
    return undefined;
  }
  return { bytes: Buffer.concat(pieces).subarray(0, max), isCut: bytes > max };
}

/** `undefined`: it is no text. One that is cut may end within a character. */
function textOf(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what has these is no text.
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function isJson(text: string, isCut: boolean): boolean {
  if (isCut) return /^\s*[[{]/.test(text);
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
