import type { Reader } from "../../store/store.ts";
import type { Domain } from "./domain.ts";

export interface ObjectType {
  readonly uid: string;
  readonly name: string;
  readonly expirationDays?: number;
  readonly allowProfileCreation: boolean;
  readonly maxProfileObjectCount?: number;
  readonly sourcePriority?: number;
}

export async function findObjectType(_reader: Reader, _domain: Domain, _name: string): Promise<ObjectType | undefined> {
  return undefined;
}
