import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { notFound } from "../errors.ts";
import type { ObjectMapping } from "./object-mapping.ts";
import { objectTypeTemplates } from "./object-type-template.ts";
import { isSwept } from "./swept-type.ts";

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

/** A domain's object type of this name, or the one that a template of this name makes of itself as soon as it is used. */
export async function findObjectType(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  name: string,
): Promise<ObjectType | undefined> {
  const found = await reader.get(objectTypes, objectTypeKey({ uid, name }));
  if (found || !objectTypeTemplates.has(name)) return found;
  return (await isSwept(reader, { uid }, name)) ? undefined : implicitType(uid, name);
}

/** One that the domain has, or `ResourceNotFoundException`. */
export async function getObjectType(reader: Reader, { uid }: Pick<Domain, "uid">, name: string): Promise<ObjectType> {
  const type = await reader.get(objectTypes, objectTypeKey({ uid, name }));
  if (!type) throw notFound(`Object type ${name} does not exist`);
  return type;
}

/** The domain has an object type that was found: that of a template from its first use on. */
export async function rememberImplicitType(unit: Unit, type: ObjectType, nowMs: number): Promise<void> {
  if (type.createdMs !== NEVER_MS) return;
  const key = objectTypeKey(type);
  if (!(await unit.get(objectTypes, key))) unit.put(objectTypes, key, { ...type, createdMs: nowMs, updatedMs: nowMs });
}

/** Of what the domain does not have yet. */
const NEVER_MS = -1;

function implicitType(uid: string, name: string): ObjectType | undefined {
  const template = objectTypeTemplates.get(name);
  if (!template) return undefined;
  const { mapping, allowProfileCreation } = template;
  return {
    ...mapping,
    uid,
    name,
    description: `Objects of the template ${name}`,
    templateId: name,
    allowProfileCreation,
    createdMs: NEVER_MS,
    updatedMs: NEVER_MS,
    tags: {},
  };
}
