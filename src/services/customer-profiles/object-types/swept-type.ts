import { type Collection, collection, type Reader } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";

/** A deleted object type of which something is left. */
export interface SweptType extends Pick<Domain, "uid" | "account" | "region"> {
  readonly domainName: string;
  readonly type: string;
  /** Who deleted it. */
  readonly performedBy: string;
  /** Its objects are gone, and so is what it wrote to profiles up to this one. */
  readonly behind?: string | undefined;
}

export const sweptTypes: Collection<SweptType> = collection("profiles_swept_object_types");

export function sweptTypeKey({ uid, type }: Pick<SweptType, "uid" | "type">): string {
  return inDomain({ uid }, type);
}

/** Whether something is left of a deleted object type of this name. */
export async function isSwept(reader: Reader, { uid }: Pick<Domain, "uid">, type: string): Promise<boolean> {
  return (await reader.get(sweptTypes, sweptTypeKey({ uid, type }))) !== undefined;
}
