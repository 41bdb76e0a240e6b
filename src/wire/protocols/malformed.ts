import type { ProblemKind } from "../../models/catalog.ts";

/** A request that cannot be read as its operation's input. `codec.ts` turns it into the service's own error. */
export class Malformed extends Error {
  readonly kind: Extract<ProblemKind, "malformed" | "wrong-type">;

  constructor(kind: Malformed["kind"], message: string) {
    super(message);
    this.name = "Malformed";
    this.kind = kind;
  }
}

/**
 * How deep structures, lists and maps may be nested. The APIs' own trees (search criteria, segment groups) stay below 20 levels; beyond
 * this the input is an attack on the stack.
 */
export const NESTING_LEVELS_MAX = 100;

export function assertNesting(level: number): void {
  if (level > NESTING_LEVELS_MAX) throw new Malformed("malformed", "The request is nested too deeply.");
}
