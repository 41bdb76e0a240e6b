import type { DeleteIntegrationAssociationRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { invalidRequest } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getIntegrationAssociation, integrationAssociations } from "./integration-associations.ts";
import { closeIntegration } from "./integration-events.ts";
import { rules } from "./rules.ts";
import { useCases } from "./use-cases.ts";

/** "The association must not have any use cases associated with it", nor published rules that listen to it (our choice). */
export async function deleteIntegrationAssociation(
  input: Validated<DeleteIntegrationAssociationRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const association = await getIntegrationAssociation(unit, instance, input.IntegrationAssociationId);
    const prefix = instanceKey(association, association.id, "");
    const { documents } = await unit.list(useCases, { index: "association", prefix, limit: 1 });
    if (documents.length > 0) {
      throw invalidRequest(`Integration association ${association.id} has use cases, which must be deleted first`);
    }
    const listening = instanceKey(association, association.id);
    if ((await unit.list(rules, { index: "integration", equals: listening, limit: 1 })).documents.length > 0) {
      throw invalidRequest(`Published rules listen to integration association ${association.id}`);
    }
    unit.delete(integrationAssociations, resourceKey(association));
    await closeIntegration(unit, context, association);
  });
  return {};
}
