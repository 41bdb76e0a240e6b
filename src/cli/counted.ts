import type { Applied } from "../init/index.ts";

/** What an init file came to: `12 created, 1 updated, 30 as they were`. */
export function counted({ created, updated, unchanged }: Applied): string {
  return `${created} created, ${updated} updated, ${unchanged} as they were`;
}
