import { createHash } from "node:crypto";
import type { ObjectTypeField, ObjectTypeKey } from "@aws-sdk/client-customer-profiles";

/** How the objects of a type are read: an object type's own part of its definition, or that of a template. */
export interface ObjectMapping {
  /** By name, in document order. */
  readonly fields: Readonly<Record<string, ObjectTypeField>>;
  readonly keys: Readonly<Record<string, readonly ObjectTypeKey[]>>;
  /** `EpochMilli` or a pattern of SimpleDateFormat: how `_profile.SourceLastUpdatedTimestamp` is written. */
  readonly sourceLastUpdatedTimestampFormat?: string | undefined;
  /** The same for mappings that say the same: what is made of one is kept under it. */
  readonly digest: string;
}

export function objectMapping(mapping: Omit<ObjectMapping, "digest">): ObjectMapping {
  const { fields, keys, sourceLastUpdatedTimestampFormat } = mapping;
  const text = JSON.stringify([fields, keys, sourceLastUpdatedTimestampFormat]);
  return { ...mapping, digest: createHash("sha256").update(text).digest("base64url") };
}

/** As the API has it. */
export function writtenMapping({ fields, keys, sourceLastUpdatedTimestampFormat }: ObjectMapping): {
  SourceLastUpdatedTimestampFormat: string | undefined;
  Fields: Record<string, ObjectTypeField>;
  Keys: Record<string, ObjectTypeKey[]>;
} {
  return {
    SourceLastUpdatedTimestampFormat: sourceLastUpdatedTimestampFormat,
    Fields: { ...fields },
    Keys: { ...keys } as Record<string, ObjectTypeKey[]>,
  };
}
