import type { JsonObject } from "../../../matching/machine.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Domain, domainKey, domains, type Owner } from "../domain.ts";
import { findObjectType } from "../object-types/object-type.ts";
import { contactRecordObject } from "./contact-record-object.ts";
import { ingestBrought } from "./ingest-brought.ts";
import { type Integration, integrationsOfUri } from "./integration.ts";

const PERFORMED_BY = "connect.amazonaws.com";

/** The domain that an instance of Connect is bound to, by an integration. */
export interface InstanceDomain {
  readonly domain: Domain;
  readonly integration: Integration;
}

export async function findDomainOfInstance(
  reader: Reader,
  owner: Owner,
  instanceArn: string,
): Promise<InstanceDomain | undefined> {
  const [integration] = await integrationsOfUri(reader, owner, instanceArn);
  const domain = integration && (await reader.get(domains, domainKey(integration, integration.domainName)));
  return domain && { domain, integration };
}

/** Ingests a version of a contact's record, in the unit that tells of it: into the domain of its instance. */
export async function ingestContactRecord(
  unit: Unit,
  platform: Platform,
  { domain, integration }: InstanceDomain,
  record: JsonObject,
): Promise<void> {
  const { objectType: typeName = "" } = integration;
  await ingestBrought(unit, platform, domain, {
    typeName,
    type: await findObjectType(unit, domain, typeName),
    object: JSON.stringify(contactRecordObject(record)),
    performedBy: PERFORMED_BY,
  });
}
