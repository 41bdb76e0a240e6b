import type { PutIntegrationRequest, PutIntegrationResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import { flowArn } from "../../appflow/index.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit } from "../../service.ts";
import { type Domain, getDomain, inDomain, type Owner } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { plannedFlow } from "./flow-integration.ts";
import {
  describedIntegration,
  type Integration,
  integrationKey,
  integrations,
  integrationsOfUri,
} from "./integration.ts";
import { kindOf } from "./integration-kinds.ts";

export const INTEGRATIONS: Limit = {
  name: "customer-profiles.integrations-per-domain",
  default: 50,
  meaning: "Integrations of a domain",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

/** Connects a domain with something outside of it, from now on. The same `Uri` again changes the integration. */
export async function putIntegration(
  input: Validated<PutIntegrationRequest>,
  context: Context,
): Promise<PutIntegrationResponse> {
  const uri = requestedUri(input, context);
  const flow = input.FlowDefinition && plannedFlow(input.FlowDefinition, context);
  checkMembers(input, context);
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    await requireFree(unit, domain, uri);
    const old = await unit.get(integrations, integrationKey({ uid: domain.uid, uri }));
    if (!old) await requireQuota(unit, context, domain);
    if (old?.isHidden) throw badRequest(`Uri: ${uri} belongs to workflow ${old.workflowId}`);
    const integration: Integration = {
      account: domain.account,
      region: domain.region,
      uid: domain.uid,
      domainName: domain.name,
      uri,
      eventTrigger: input.EventTriggerNames?.[0],
      objectType: input.ObjectTypeName,
      objectTypes: input.ObjectTypeNames,
      roleArn: input.RoleArn,
      workflowId: old?.workflowId,
      createdMs: old?.createdMs ?? nowMs,
      updatedMs: nowMs,
      // Those of one that is there are changed by TagResource.
      tags: old?.tags ?? input.Tags ?? {},
    };
    await kindOf(uri).begin(unit, context, { domain, integration, old, input, flow });
    unit.put(integrations, integrationKey(integration), integration);
    return describedIntegration(integration);
  });
}

function requestedUri({ Uri: uri, FlowDefinition: definition }: PutIntegrationRequest, owner: Owner): string {
  if (definition !== undefined && uri !== undefined) throw badRequest("Uri and FlowDefinition: give one of them");
  if (definition?.FlowName !== undefined) return flowArn({ ...pickOwner(owner), name: definition.FlowName });
  if (uri === undefined) throw badRequest("Uri: it is needed, or FlowDefinition");
  return uri;
}

function pickOwner({ account, region }: Owner): Owner {
  return { account, region };
}

/** What holds for all kinds. */
function checkMembers(
  { ObjectTypeName, ObjectTypeNames, RoleArn, Scope }: Validated<PutIntegrationRequest>,
  owner: Owner,
): void {
  if (ObjectTypeName !== undefined && ObjectTypeNames !== undefined) {
    throw badRequest("ObjectTypeName and ObjectTypeNames: give one of them");
  }
  if (ObjectTypeName === "_unstructured") {
    throw badRequest("ObjectTypeName: _unstructured, objects that no type maps, is not built");
  }
  if (Scope === "DOMAIN") throw badRequest("Scope: objects of domains are not built; give PROFILE");
  if (RoleArn !== undefined) requireOwnRole(RoleArn, owner);
}

export function requireOwnRole(arn: string, { account }: Owner): void {
  if (arn.split(":")[4] !== account) throw badRequest(`RoleArn: ${arn} is of another account`);
}

async function requireFree(unit: Unit, domain: Domain, uri: string): Promise<void> {
  const [other] = (await integrationsOfUri(unit, domain, uri)).filter(({ uid }) => uid !== domain.uid);
  if (other) throw badRequest(`Uri: ${uri} is an integration of domain ${other.domainName} already`);
}

export async function requireQuota(unit: Unit, { limits }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(INTEGRATIONS.name, INTEGRATIONS.default);
  await guardRange(unit, inDomain(domain, integrations.name));
  const { documents } = await unit.list(integrations, { prefix: inDomain(domain, ""), limit: most });
  if (documents.length >= most) throw badRequest("Limit exceeded: integrations per domain");
}
