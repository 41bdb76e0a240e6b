import type {
  CreateIntegrationAssociationRequest,
  CreateIntegrationAssociationResponse,
  IntegrationAssociationSummary,
  IntegrationType,
  ListIntegrationAssociationsRequest,
  ListIntegrationAssociationsResponse,
  SourceType,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader, UniqueIndexError } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, refOf, resourceArn } from "./arns.ts";
import { invalidNextToken, invalidRequest, notFound } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
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

/**
 * Associates an integration. Whether there is anything behind its ARN is not asked (our choice): most of what an ARN may name
 * belongs to services that are not hosted here.
 */
export async function createIntegrationAssociation(
  input: Validated<CreateIntegrationAssociationRequest>,
  context: Context,
): Promise<CreateIntegrationAssociationResponse> {
  checkIntegration(input, context);
  const id = context.ids.uuid();
  try {
    return await context.store.commit(async (unit) => {
      const instance = await getInstance(unit, context, input.InstanceId);
      const association: IntegrationAssociation = {
        ...refOf(instance),
        id,
        type: input.IntegrationType,
        integrationArn: input.IntegrationArn,
        sourceType: input.SourceType,
        sourceApplicationName: input.SourceApplicationName,
        sourceApplicationUrl: input.SourceApplicationUrl,
        tags: input.Tags ?? {},
        lastModifiedMs: context.clock.now(),
      };
      unit.put(integrationAssociations, resourceKey(association), association);
      return {
        IntegrationAssociationId: id,
        IntegrationAssociationArn: resourceArn("integrationAssociation", instance, id),
      };
    });
  } catch (error) {
    if (!(error instanceof UniqueIndexError)) throw error;
    const taken = error.index === "integration" ? "is associated with this instance already" : ONE_CASES_DOMAIN;
    throw new ModeledError("DuplicateResourceException", `${input.IntegrationType} ${input.IntegrationArn} ${taken}`);
  }
}

const ONE_CASES_DOMAIN = "cannot be associated: an instance has at most one Cases domain, and a domain one instance";

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

const ARN = /^arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:\S+$/;

/**
 * The model calls all three source members required for EVENT, yet the guide's procedure for Cases sends `SourceType` alone: so only
 * that one is demanded (our choice).
 */
function checkIntegration(input: Validated<CreateIntegrationAssociationRequest>, caller: Context): void {
  const { IntegrationType: type, IntegrationArn: arn, SourceType, SourceApplicationName, SourceApplicationUrl } = input;
  if (!ARN.test(arn)) throw invalidRequest(`IntegrationArn ${arn} is not an ARN`);

  if (type === "EVENT" && SourceType === undefined) throw invalidRequest("An EVENT integration needs a SourceType");
  if (type !== "EVENT" && (SourceType ?? SourceApplicationName ?? SourceApplicationUrl) !== undefined) {
    throw invalidRequest(`SourceType, SourceApplicationName and SourceApplicationUrl are of EVENT, not of ${type}`);
  }
  const { region, account } = caller;
  if (type === "EVENT" && !isOf(arn, `arn:aws:app-integrations:${region}:${account}:event-integration/`)) {
    throw invalidRequest(`${arn} is not the ARN of an event integration of this account and Region`);
  }
  if (type === "CASES_DOMAIN" && !isOf(arn, `arn:aws:cases:${region}:${account}:domain/`)) {
    throw invalidRequest(`${arn} is not the ARN of a Cases domain of this account and Region`);
  }
}

/** Names of event integrations hold slashes. */
function isOf(arn: string, prefix: string): boolean {
  return arn.startsWith(prefix) && /^[A-Za-z0-9/._-]{1,255}$/.test(arn.slice(prefix.length));
}
