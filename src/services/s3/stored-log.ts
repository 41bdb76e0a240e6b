import type { LogDeclaration, Unit } from "../../store/store.ts";
import type { Bucket } from "./bucket.ts";

/** Told of each object that is stored, in the unit that does: JSON of `StoredKey`, by the bucket. For whoever waits for objects. */
export const STORED_LOG: LogDeclaration = { name: "s3/stored", keepMs: 3_600_000, keepBytes: 16 * 1024 ** 2 };

export interface StoredKey {
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
}

export function tellStored(unit: Unit, { account, region, name }: Bucket, key: string): void {
  unit.append(STORED_LOG.name, name, JSON.stringify({ account, region, bucket: name, key } satisfies StoredKey));
}
