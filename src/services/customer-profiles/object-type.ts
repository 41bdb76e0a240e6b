import { type Collection, collection, type Reader } from "../../store/store.ts";
import { type Domain, inDomain } from "./domain.ts";
import type { ObjectMapping } from "./object-mapping.ts";

/** Says what becomes of the objects of one kind: how they are read, where they belong, and how long they stay. */
export interface ObjectType extends ObjectMapping {
  /** Of its domain. */
  readonly uid: string;
  readonly name: string;
  readonly description: string;
  /** Of which its mapping is a copy. */
  readonly templateId?: string | undefined;
  /** Absent: as long as the domain says when an object is ingested. */
  readonly expirationDays?: number | undefined;
  readonly encryptionKey?: string | undefined;
  /** Whether an object that belongs to no profile creates one. */
  readonly allowProfileCreation: boolean;
  /** Of one profile. */
  readonly maxProfileObjectCount?: number | undefined;
  /** 1 is the best; absent is worse than every other. */
  readonly sourcePriority?: number | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const objectTypes: Collection<ObjectType> = collection("profiles_object_types");

export function objectTypeKey({ uid, name }: Pick<ObjectType, "uid" | "name">): string {
  return inDomain({ uid }, name);
}

/** A domain's object type of this name. */
export async function findObjectType(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  name: string,
): Promise<ObjectType | undefined> {
  return reader.get(objectTypes, objectTypeKey({ uid, name }));
}
