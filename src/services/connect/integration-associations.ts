import type {
  IntegrationAssociationSummary,
  IntegrationType,
  ListIntegrationAssociationsRequest,
  ListIntegrationAssociationsResponse,
  SourceType,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, refOf, resourceArn } from "./arns.ts";
import { invalidNextToken, invalidRequest, notFound } from "./errors.ts";
import { PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** Ties something outside to an instance. An EVENT integration's events feed Connect rules; the other types are kept and told. */
export interface IntegrationAssociation extends InstanceRef {
  readonly id: string;
  readonly type: IntegrationType;
  readonly integrationArn: string;
  /** These three of EVENT integrations only. */
  readonly sourceType?: SourceType | undefined;
  readonly sourceApplicationName?: string | undefined;
  readonly sourceApplicationUrl?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastModifiedMs: number;
}

export const integrationAssociations: Collection<IntegrationAssociation> = collection(
  "connect_integration_associations",
  {
    integration: {
      type: "text",
      unique: true,
      value: (association) => instanceKey(association, association.type, association.integrationArn),
    },
    /** An instance has one Cases domain. */
    casesDomainOf: {
      type: "text",
      unique: true,
      value: (association) => (association.type === "CASES_DOMAIN" ? instanceKey(association) : undefined),
    },
    /** A Cases domain belongs to one instance. */
    casesDomain: {
      type: "text",
      unique: true,
      value: ({ account, region, type, integrationArn }) =>
        type === "CASES_DOMAIN" ? compositeKey(account, region, integrationArn) : undefined,
    },
  },
);

export async function listIntegrationAssociations(
  input: Validated<ListIntegrationAssociationsRequest>,
  context: Context,
): Promise<ListIntegrationAssociationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { IntegrationType: type, IntegrationArn: integrationArn } = input;
  const page = await listPage(
    context.store,
    {
      collection: integrationAssociations,
      under: [instance.account, instance.region, instance.instanceId],
      nameOf: ({ id }) => id,
      keep: (association) =>
        (type === undefined || association.type === type) &&
        (integrationArn === undefined || association.integrationArn === integrationArn),
    },
    {
      of: ["ListIntegrationAssociations", instanceKey(instance), type, integrationArn],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      // The operation models no InvalidParameterException.
      refuse: () => invalidRequest(invalidNextToken().message),
    },
  );
  return { IntegrationAssociationSummaryList: page.items.map(summarize), NextToken: page.nextToken };
}

/** An integration association of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getIntegrationAssociation(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<IntegrationAssociation> {
  const id = parseResourceId("integrationAssociation", instance, idOrArn);
  const found = id === undefined ? undefined : await reader.get(integrationAssociations, instanceKey(instance, id));
  if (!found) {
    throw notFound(`Integration association ${idOrArn} does not exist in instance ${instance.instanceId}`);
  }
  return found;
}

/** The instance that a Cases domain belongs to, if it belongs to one. */
export async function instanceOfCasesDomain(
  reader: Reader,
  { account, region, arn }: Pick<InstanceRef, "account" | "region"> & { readonly arn: string },
): Promise<InstanceRef | undefined> {
  const range = { index: "casesDomain", equals: compositeKey(account, region, arn), limit: 1 };
  const [association] = (await reader.list(integrationAssociations, range)).documents;
  return association && refOf(association);
}

/** The ARN of the Cases domain of an instance, if it has one. */
export async function casesDomainOfInstance(reader: Reader, instance: InstanceRef): Promise<string | undefined> {
  const range = { index: "casesDomainOf", equals: instanceKey(instance), limit: 1 };
  return (await reader.list(integrationAssociations, range)).documents[0]?.integrationArn;
}

/** Whether an event integration of a kind of source is associated with an instance. */
export async function hasEventSource(reader: Reader, instance: InstanceRef, type: SourceType): Promise<boolean> {
  const prefix = instanceKey(instance, "EVENT", "");
  let after: string | undefined;
  do {
    const page = await reader.list(integrationAssociations, { index: "integration", prefix, limit: PAGE_SIZE, after });
    if (page.documents.some(({ sourceType }) => sourceType === type)) return true;
    after = page.next;
  } while (after !== undefined);
  return false;
}

function summarize(association: IntegrationAssociation): IntegrationAssociationSummary & LastModified {
  return {
    IntegrationAssociationId: association.id,
    IntegrationAssociationArn: resourceArn("integrationAssociation", association, association.id),
    InstanceId: association.instanceId,
    IntegrationType: association.type,
    IntegrationArn: association.integrationArn,
    SourceApplicationUrl: association.sourceApplicationUrl,
    SourceApplicationName: association.sourceApplicationName,
    SourceType: association.sourceType,
    LastModifiedTime: new Date(association.lastModifiedMs),
    LastModifiedRegion: association.region,
  };
}

/** The SDK's types lag behind the model by these two. */
interface LastModified {
  readonly LastModifiedTime: Date;
  readonly LastModifiedRegion: string;
}
