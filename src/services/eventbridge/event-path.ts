import { isRawNumber } from "./exact-json.ts";

/**
 * The paths that select a part of an event: `InputPath`, `InputPathsMap` and a partition key's path. A subset of JSONPath:
 *
 *     $   .name (letters, digits, - _ /)   [index]   [*]
 *
 * The documentation asks for dot notation; the real service takes indexes too.
 */
export interface EventPath {
  readonly steps: readonly Step[];
}

/** A member by name, an element by index, or all elements. */
type Step = string | number | typeof ALL;

const ALL: unique symbol = Symbol("[*]");
const STEP = /\.([\p{L}\p{N}_/-]+)|\[(\d+)\]|\[(\*)\]/uy;

/** Reads a path; `undefined` where the text is none. */
export function parseEventPath(text: string): EventPath | undefined {
  if (!text.startsWith("$")) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const found = STEP.exec(text);
    if (found === null) return undefined;
    const [, name, index] = found;
    steps.push(name ?? (index === undefined ? ALL : Number(index)));
  }
  return { steps };
}

/** The part of an event that a path selects; `undefined` where there is none. With `[*]` it is the list of all parts, maybe empty. */
export function select(path: EventPath, event: unknown): unknown {
  let parts: readonly unknown[] = [event];
  for (const step of path.steps) parts = parts.flatMap((part) => below(part, step));
  return path.steps.includes(ALL) ? parts : parts[0];
}

function below(part: unknown, step: Step): readonly unknown[] {
  if (typeof part !== "object" || part === null || isRawNumber(part)) return [];
  if (step === ALL) return Array.isArray(part) ? part : [];
  const applies = typeof step === "number" ? Array.isArray(part) : !Array.isArray(part);
  return applies && Object.hasOwn(part, step) ? [(part as Readonly<Record<string | number, unknown>>)[step]] : [];
}
