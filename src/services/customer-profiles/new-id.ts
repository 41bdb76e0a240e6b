import type { Platform } from "../service.ts";

/** 32 hexadecimal digits, as ids of profiles, standard objects and history records are. */
export function newId({ ids }: Pick<Platform, "ids">): string {
  return ids.uuid().replaceAll("-", "");
}
