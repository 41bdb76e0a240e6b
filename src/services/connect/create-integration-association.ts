import type {
  CreateIntegrationAssociationRequest,
  CreateIntegrationAssociationResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { UniqueIndexError, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { refOf, resourceArn } from "./arns.ts";
import { casesDirectory } from "./cases-directory.ts";
import { invalidRequest, notFound } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { type IntegrationAssociation, integrationAssociations } from "./integration-associations.ts";
import { openIntegration } from "./integration-events.ts";

/**
 * Associates an integration. An event integration must be there, and so must a Cases domain; whether there is anything behind other ARNs is not asked (our choice): most
 * of what these may name belongs to services that are not hosted here.
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
      await requireCasesDomain(unit, context, input);
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
      if (association.type === "EVENT") await openIntegration(unit, context, association);
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

async function requireCasesDomain(
  unit: Unit,
  context: Context,
  { IntegrationType: type, IntegrationArn: arn }: Validated<CreateIntegrationAssociationRequest>,
): Promise<void> {
  if (type !== "CASES_DOMAIN") return;
  const { hasDomain } = casesDirectory(context.store);
  const domainId = arn.slice(arn.indexOf("/") + 1);
  if (hasDomain && !(await hasDomain(unit, context, domainId))) throw notFound(`Cases domain ${arn} does not exist`);
}
