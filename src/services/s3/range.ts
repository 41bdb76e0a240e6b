import { ModeledError } from "../../models/modeled-error.ts";

/** Bytes of an object, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The part of an object that a `Range` header asks for; `undefined`: all of it. What is no range of bytes, or several ranges, counts for
 * nothing, as HTTP has it. Throws `InvalidRange` (416) for one that begins behind the end.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  const range =
    from === ""
      ? { first: Math.max(size - Number(to), 0), last: size - 1 }
      : { first: Number(from), last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  if (range.first > range.last) throw invalidRange(header as string, size);
  return range;
}

function invalidRange(requested: string, size: number): ModeledError {
  return new ModeledError("InvalidRange", "The requested range is not satisfiable", {
    RangeRequested: requested,
    ActualObjectSize: size,
  });
}

export function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}
