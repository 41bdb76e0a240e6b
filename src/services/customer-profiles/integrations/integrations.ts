import type {
  DeleteIntegrationRequest,
  DeleteIntegrationResponse,
  GetIntegrationRequest,
  GetIntegrationResponse,
  ListAccountIntegrationsRequest,
  ListAccountIntegrationsResponse,
  ListIntegrationsRequest,
  ListIntegrationsResponse,
  PutIntegrationRequest,
  PutIntegrationResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import { listPage, slicePage } from "../../list-page.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit } from "../../service.ts";
import { type Domain, getDomain, inDomain } from "../domain.ts";
import { badRequest, invalidNextToken } from "../errors.ts";
import { type EventTrigger, getEventTrigger } from "../triggers/event-trigger.ts";
import { putEventTrigger } from "../triggers/event-trigger-versions.ts";
import { type Destination, requireDestination } from "../triggers/trigger-destination.ts";
import { forgetSecret, giveSecret, newSecret } from "../triggers/webhook-secret.ts";
import { getIntegration, type Integration, integrationKey, integrations, integrationsOfUri } from "./integration.ts";

export const INTEGRATIONS: Limit = {
  name: "customer-profiles.integrations-per-domain",
  default: 50,
  meaning: "Integrations of a domain",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

const PAGE_SIZE = 100;

/**
 * Makes an event trigger send somewhere, from now on. The same `Uri` again changes the integration.
 *
 * Throws `BadRequestException` for every other kind of integration, by its name.
 */
export async function putIntegration(
  input: Validated<PutIntegrationRequest>,
  context: Context,
): Promise<PutIntegrationResponse> {
  const { uri, eventTrigger, roleArn } = requested(input, context);
  const secret = newSecret(context.ids);
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const destination = await requireDestination(unit, domain, uri);
    requireRole(destination, roleArn);
    const trigger = await getEventTrigger(unit, domain, eventTrigger);
    if (trigger.uri !== undefined && trigger.uri !== uri) {
      throw badRequest(`Event trigger ${eventTrigger} has an integration already: ${trigger.uri}`);
    }
    const [other] = (await integrationsOfUri(unit, context, uri)).filter(({ uid }) => uid !== domain.uid);
    if (other) throw badRequest(`Uri: ${uri} is an integration of domain ${other.domainName} already`);
    const old = await unit.get(integrations, integrationKey({ uid: domain.uid, uri }));
    if (!old) await requireQuota(unit, context, domain);
    if (old && old.eventTrigger !== eventTrigger) await unsend(unit, domain, old, nowMs);
    const integration: Integration = {
      account: domain.account,
      region: domain.region,
      uid: domain.uid,
      domainName: domain.name,
      uri,
      eventTrigger,
      roleArn,
      createdMs: old?.createdMs ?? nowMs,
      updatedMs: nowMs,
      // Those of one that is there are changed by TagResource.
      tags: old?.tags ?? input.Tags ?? {},
    };
    unit.put(integrations, integrationKey(integration), integration);
    if (destination.kind === "webhook") await giveSecret(unit, integration, secret);
    if (trigger.uri !== uri) await putEventTrigger(unit, { ...trigger, uri }, nowMs);
    return described(integration);
  });
}

/** What is asked for, where it is something that is built. */
function requested(
  input: Validated<PutIntegrationRequest>,
  { account }: Context,
): Pick<Integration, "uri" | "eventTrigger" | "roleArn"> {
  const { Uri: uri, FlowDefinition, EventTriggerNames, ObjectTypeName, ObjectTypeNames, RoleArn, Scope } = input;
  if (FlowDefinition !== undefined) {
    if (uri !== undefined) throw badRequest("Uri and FlowDefinition: give one of them");
    throw badRequest("FlowDefinition: integrations with Amazon AppFlow flows are not built yet");
  }
  if (uri === undefined) throw badRequest("Uri: it is needed");
  const [eventTrigger] = EventTriggerNames ?? [];
  if (eventTrigger === undefined) {
    throw badRequest(
      "EventTriggerNames: integrations that bring objects into a domain are not built yet, only those that carry an event trigger",
    );
  }
  if (ObjectTypeName !== undefined || ObjectTypeNames !== undefined) {
    throw badRequest("ObjectTypeName, ObjectTypeNames: an integration that carries an event trigger brings no objects");
  }
  if (Scope === "DOMAIN") throw badRequest("Scope: event triggers look at the objects of profiles; give PROFILE");
  if (RoleArn !== undefined && RoleArn.split(":")[4] !== account) {
    throw badRequest(`RoleArn: ${RoleArn} is of another account`);
  }
  return { uri, eventTrigger, roleArn: RoleArn };
}

/** A webhook is asked for nothing that a role could allow. */
function requireRole({ kind, address }: Destination, roleArn: string | undefined): void {
  if (kind !== "webhook" && roleArn === undefined) throw badRequest(`RoleArn: a role is needed to send to ${address}`);
}

export async function getIntegrationOperation(
  input: Validated<GetIntegrationRequest>,
  context: Context,
): Promise<GetIntegrationResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  return described(await getIntegration(context.store, domain, input.Uri));
}

/** In the order of their `Uri`s. There are none that are hidden. */
export async function listIntegrations(
  input: Validated<ListIntegrationsRequest>,
  context: Context,
): Promise<ListIntegrationsResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: integrations, under: [domain.uid], nameOf: ({ uri }) => uri },
    {
      of: ["ListIntegrations", domain.uid],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Items: page.items.map(described), NextToken: page.nextToken };
}

/** The integrations of one `Uri` in all domains of the account. */
export async function listAccountIntegrations(
  input: Validated<ListAccountIntegrationsRequest>,
  context: Context,
): Promise<ListAccountIntegrationsResponse> {
  const { account, region } = context;
  const found = await integrationsOfUri(context.store, context, input.Uri);
  const page = slicePage(found, ({ domainName }) => domainName, {
    of: ["ListAccountIntegrations", account, region, input.Uri],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { Items: page.items.map(described), NextToken: page.nextToken };
}

/** The trigger that it carried is inert from now on. What waits for a webhook to answer fails, since nobody can sign it any more. */
export async function deleteIntegration(
  input: Validated<DeleteIntegrationRequest>,
  context: Context,
): Promise<DeleteIntegrationResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const integration = await getIntegration(unit, domain, input.Uri);
    unit.delete(integrations, integrationKey(integration));
    await unsend(unit, domain, integration, context.clock.now());
    forgetSecret(unit, integration);
  });
  return { Message: `Integration ${input.Uri} deleted` };
}

async function unsend(unit: Unit, domain: Domain, { eventTrigger }: Integration, nowMs: number): Promise<void> {
  const { uri: _, ...trigger }: EventTrigger = await getEventTrigger(unit, domain, eventTrigger);
  await putEventTrigger(unit, trigger, nowMs);
}

async function requireQuota(unit: Unit, { limits }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(INTEGRATIONS.name, INTEGRATIONS.default);
  await guardRange(unit, inDomain(domain, integrations.name));
  const { documents } = await unit.list(integrations, { prefix: inDomain(domain, ""), limit: most });
  if (documents.length >= most) throw badRequest("Limit exceeded: integrations per domain");
}

function described(integration: Integration): PutIntegrationResponse {
  return {
    DomainName: integration.domainName,
    Uri: integration.uri,
    CreatedAt: new Date(integration.createdMs),
    LastUpdatedAt: new Date(integration.updatedMs),
    Tags: integration.tags,
    RoleArn: integration.roleArn,
    EventTriggerNames: [integration.eventTrigger],
    Scope: "PROFILE",
  };
}
