import type { PutIntegrationResponse } from "@aws-sdk/client-customer-profiles";
import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import { parseFlowArn } from "../../appflow/index.ts";
import { type Domain, domainArn, domainKey, domains, inDomain, type Owner } from "../domain.ts";
import { notFound } from "../errors.ts";

/** What a domain has to do with something outside of it: where objects come from, or where an event trigger sends. */
export interface Integration extends Owner {
  /** Of its domain. */
  readonly uid: string;
  readonly domainName: string;
  readonly uri: string;
  /** The trigger that it carries. */
  readonly eventTrigger?: string | undefined;
  /** What all that it brings is an object of. */
  readonly objectType?: string | undefined;
  /** What is an object of which type, by the kind of event. */
  readonly objectTypes?: Readonly<Record<string, string>> | undefined;
  readonly roleArn?: string | undefined;
  /** The workflow that has made it. */
  readonly workflowId?: string | undefined;
  /** Made for a while, by a workflow: listed only for those who ask for it. */
  readonly isHidden?: true | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const integrations: Collection<Integration> = collection("profiles_integrations", {
  /** Of all domains of an account in a Region. */
  uri: {
    type: "text",
    value: ({ account, region, uri, domainName }) => compositeKey(account, region, uri, domainName),
  },
});

export function integrationKey({ uid, uri }: Pick<Integration, "uid" | "uri">): string {
  return inDomain({ uid }, uri);
}

export function integrationArn(domain: Domain, uri: string): string {
  return `${domainArn(domain)}/integrations/${uri}`;
}

/** A domain's integration, or `ResourceNotFoundException`. */
export async function getIntegration(reader: Reader, { uid }: Domain, uri: string): Promise<Integration> {
  const integration = await reader.get(integrations, integrationKey({ uid, uri }));
  if (!integration) throw notFound(`Integration ${uri} does not exist`);
  return integration;
}

/** Those of a `Uri` in all domains of an account: one, as it cannot be of more. */
export async function integrationsOfUri(
  reader: Reader,
  { account, region }: Owner,
  uri: string,
): Promise<readonly Integration[]> {
  const range = { index: "uri", prefix: compositeKey(account, region, uri, ""), limit: 100 };
  const found: Integration[] = [];
  for (const integration of (await reader.list(integrations, range)).documents) {
    // Those of a deleted domain go in their own time.
    const domain = await reader.get(domains, domainKey(integration, integration.domainName));
    if (domain?.uid === integration.uid) found.push(integration);
  }
  return found;
}

/** As the API tells of one. */
export function describedIntegration(integration: Integration): PutIntegrationResponse {
  const { eventTrigger, objectType, objectTypes } = integration;
  return {
    DomainName: integration.domainName,
    Uri: integration.uri,
    ObjectTypeName: objectType,
    ObjectTypeNames: objectTypes,
    CreatedAt: new Date(integration.createdMs),
    LastUpdatedAt: new Date(integration.updatedMs),
    Tags: integration.tags,
    WorkflowId: integration.workflowId,
    ...(parseFlowArn(integration.uri) && { IsUnstructured: false }),
    RoleArn: integration.roleArn,
    EventTriggerNames: eventTrigger === undefined ? [] : [eventTrigger],
    Scope: "PROFILE",
  };
}
