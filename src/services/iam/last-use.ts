/** When keys and roles were used last, and what for. Kept apart from them, since it changes more often. */
import { type Collection, collection, type Reader } from "../../store/store.ts";

export interface LastUse {
  readonly atMs: number;
  readonly region: string;
  /** As signatures name it. */
  readonly service: string;
}

/** By access key ids, and by the ids of roles. */
export const LAST_USES: Collection<LastUse> = collection("iam_last_uses");

export async function lastUseOf(reader: Reader, id: string): Promise<{ LastUsedDate?: Date; Region?: string }> {
  const use = await reader.get(LAST_USES, id);
  return use === undefined ? {} : { LastUsedDate: new Date(use.atMs), Region: use.region };
}
