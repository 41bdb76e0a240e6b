import type { SourceRecord } from "../connector.ts";

/** Records longer than this are none: an object of Customer Profiles has 250 KB at most. */
export const RECORD_BYTES_MAX: number = 1024 ** 2;

/** Of what cannot be read, so much is told. */
const TOLD_BYTES_MAX = 65_536;

/** How text is divided into records, as far as it has been read. Plain JSON: it is kept in the cursor. */
export type TextState =
  | {
      readonly format: "csv";
      readonly delimiter: string /** Empty: that column has no name. */;
      readonly names: readonly string[];
    }
  /** `isPassing`: the beginning of a line that was too long has been told. */
  | { readonly format: "json lines"; readonly isPassing?: true | undefined }
  /** JSON values, one behind the other, or within an array. */
  | { readonly format: "json values"; readonly isArray: boolean };

/** Bytes of an object that begin where a record does. */
export interface TextSlice {
  readonly bytes: Buffer;
  /** Nothing comes behind them. */
  readonly isEnd: boolean;
  /** Of the object, and of the first byte: for whoever reads why something is unreadable. */
  readonly key: string;
  readonly at: number;
}

export interface ParsedSlice {
  readonly records: readonly SourceRecord[];
  /** Bytes that are done. 0: the slice is too short for its first record. */
  readonly consumed: number;
  readonly state: TextState;
  /** What lies behind cannot be read, which the last record tells. */
  readonly isOver?: true;
}

/** What stands at a place of a slice instead of a record. */
export function unreadableAt(
  { bytes, key, at }: Omit<TextSlice, "isEnd">,
  start: number,
  end: number,
  reason: string,
): SourceRecord {
  const told = bytes.subarray(start, Math.min(end, start + TOLD_BYTES_MAX));
  return { unreadable: `${key}, byte ${at + start}: ${reason}`, text: told.toString("utf8") };
}
