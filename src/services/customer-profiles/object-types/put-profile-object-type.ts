import type {
  GetProfileObjectTypeResponse,
  PutProfileObjectTypeRequest,
  PutProfileObjectTypeResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit } from "../../service.ts";
import { type Domain, getDomain, inDomain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { followKeyNames } from "./key-names.ts";
import { checkMapping } from "./mapping-rules.ts";
import { type ObjectMapping, objectMapping, writtenMapping } from "./object-mapping.ts";
import { type ObjectType, objectTypeKey, objectTypes } from "./object-type.ts";
import { objectTypeTemplates } from "./object-type-template.ts";
import { isSwept } from "./swept-type.ts";

export const OBJECT_TYPES: Limit = {
  name: "customer-profiles.object-types-per-domain",
  default: 100,
  meaning: "Object types of a domain",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

/**
 * Defines an object type, or defines it anew: what is ingested from then on is mapped so. What the request does not name is as in a type that
 * was never there, but for the tags, which stay those of the first time.
 */
export async function putProfileObjectType(
  input: Validated<PutProfileObjectTypeRequest>,
  context: Context,
): Promise<PutProfileObjectTypeResponse> {
  const { mapping, allowProfileCreation } = checkedDefinition(input);
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const key = objectTypeKey({ uid: domain.uid, name: input.ObjectTypeName });
    const before = await unit.get(objectTypes, key);
    if (!before) await requireQuota(unit, context, domain);
    if (await isSwept(unit, domain, input.ObjectTypeName)) {
      throw badRequest(`Object type ${input.ObjectTypeName} is being deleted`);
    }
    const type: ObjectType = {
      ...mapping,
      uid: domain.uid,
      name: input.ObjectTypeName,
      description: input.Description,
      templateId: input.TemplateId,
      expirationDays: input.ExpirationDays,
      encryptionKey: input.EncryptionKey || undefined,
      allowProfileCreation,
      maxProfileObjectCount: input.MaxProfileObjectCount,
      sourcePriority: input.SourcePriority,
      createdMs: before?.createdMs ?? nowMs,
      updatedMs: nowMs,
      tags: before?.tags ?? input.Tags ?? {},
    };
    if (before && domain.dataStore?.Enabled && before.encryptionKey !== type.encryptionKey) {
      throw badRequest(
        `EncryptionKey: that of object type ${type.name} cannot change, since the data store is enabled.`,
      );
    }
    await followKeyNames(unit, before, type);
    unit.put(objectTypes, key, type);
    return described(type);
  });
}

function checkedDefinition(input: Validated<PutProfileObjectTypeRequest>): {
  readonly mapping: ObjectMapping;
  readonly allowProfileCreation: boolean;
} {
  if (input.ObjectTypeName.startsWith("_")) {
    throw badRequest(`ObjectTypeName: ${input.ObjectTypeName} begins with _, as only standard objects do.`);
  }
  const { Fields: fields, Keys: keys, SourceLastUpdatedTimestampFormat: sourceLastUpdatedTimestampFormat } = input;
  if (input.TemplateId !== undefined) {
    const own = OF_TEMPLATE.filter((member) => input[member] !== undefined);
    if (own.length > 0) throw badRequest(`${own.join(", ")}: not allowed together with TemplateId.`);
    const template = objectTypeTemplates.get(input.TemplateId);
    if (!template) throw badRequest(`TemplateId: there is no template ${input.TemplateId}.`);
    return template;
  }
  if (fields === undefined || keys === undefined) {
    throw badRequest("Either TemplateId, or both Fields and Keys, are needed.");
  }
  const mapping = objectMapping({ fields, keys, sourceLastUpdatedTimestampFormat });
  const allowProfileCreation = input.AllowProfileCreation ?? false;
  checkMapping(mapping, { allowProfileCreation });
  return { mapping, allowProfileCreation };
}

/** What a template says for all of its types. */
const OF_TEMPLATE = ["AllowProfileCreation", "SourceLastUpdatedTimestampFormat", "Fields", "Keys"] as const;

async function requireQuota(unit: Unit, { limits }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(OBJECT_TYPES.name, OBJECT_TYPES.default);
  await guardRange(unit, inDomain(domain, objectTypes.name));
  const { documents } = await unit.list(objectTypes, { prefix: inDomain(domain, ""), limit: most });
  if (documents.length >= most) throw badRequest("Limit exceeded: object types per domain");
}

/** The number of objects of a type that one profile may have at all. */
const MAX_AVAILABLE_OBJECT_COUNT = 1000;

export function described(type: ObjectType): GetProfileObjectTypeResponse & PutProfileObjectTypeResponse {
  return {
    ...summary(type),
    TemplateId: type.templateId,
    ExpirationDays: type.expirationDays,
    EncryptionKey: type.encryptionKey,
    AllowProfileCreation: type.allowProfileCreation,
    ...writtenMapping(type),
  };
}

/** What a list says of a type. */
export function summary(type: ObjectType): {
  ObjectTypeName: string;
  Description: string;
  MaxProfileObjectCount: number | undefined;
  MaxAvailableProfileObjectCount: number;
  SourcePriority: number | undefined;
  CreatedAt: Date;
  LastUpdatedAt: Date;
  Tags: Record<string, string>;
} {
  return {
    ObjectTypeName: type.name,
    Description: type.description,
    MaxProfileObjectCount: type.maxProfileObjectCount,
    MaxAvailableProfileObjectCount: MAX_AVAILABLE_OBJECT_COUNT,
    SourcePriority: type.sourcePriority,
    CreatedAt: new Date(type.createdMs),
    LastUpdatedAt: new Date(type.updatedMs),
    Tags: { ...type.tags },
  };
}
