import type { Unit } from "../../store/store.ts";
import { deleteManagedRule, putManagedRule } from "../eventbridge/index.ts";
import { listPage } from "../list-page.ts";
import type { Context, Platform } from "../service.ts";
import {
  associationKey,
  associations,
  busOf,
  getIntegration,
  invalidRequest,
  type Owner,
} from "./event-integration.ts";

const PAGE_SIZE = 50;

/** Who associates itself. The events go to `targetArn`, in the unit of EventBridge's router where that is a sink inside. */
export interface Associate {
  readonly integrationName: string;
  /** A UUID, theirs. */
  readonly id: string;
  readonly clientId: string;
  readonly ruleName: string;
  readonly targetArn: string;
  /**
   * Webhooks are to hand it their events in the unit that puts them on the bus, so that it has them when they are answered. The rule brings
   * each once more, with the same `id`: whoever asks for this knows what it has had.
   */
  readonly atOnce?: boolean;
}

/** Throws `ResourceNotFoundException` where the owner has no such integration, or its bus is gone. */
export async function associateEventIntegration(
  unit: Unit,
  platform: Platform,
  owner: Owner,
  { integrationName, id, clientId, ruleName, targetArn, atOnce = false }: Associate,
): Promise<void> {
  const integration = await getIntegration(unit, owner, integrationName);
  const bus = busOf(integration);
  const { account, region, source } = integration;
  await putManagedRule(unit, platform, { bus, name: ruleName, source, targetArn, managedBy: MANAGER });
  const atOnceSource = atOnce && integration.bus === source ? source : undefined;
  const association = {
    ...{ account, region, integrationName, id, clientId, bus: integration.bus },
    ...{ ruleName, targetArn, atOnceSource },
  };
  unit.put(associations, associationKey(association), association);
}

const MANAGER = "app-integrations.amazonaws.com";

/** Ends an association, if there is one. */
export async function disassociateEventIntegration(
  unit: Unit,
  platform: Platform,
  { account, region }: Owner,
  { integrationName, id }: Pick<Associate, "integrationName" | "id">,
): Promise<void> {
  const key = associationKey({ account, region, integrationName, id });
  const found = await unit.get(associations, key);
  if (!found) return;
  unit.delete(associations, key);
  deleteManagedRule(unit, platform, { bus: { account, region, name: found.bus }, name: found.ruleName });
}

export async function listEventIntegrationAssociations(
  input: { readonly EventIntegrationName: string; readonly NextToken?: string; readonly MaxResults?: number },
  context: Context,
): Promise<{ EventIntegrationAssociations: readonly object[]; NextToken: string | undefined }> {
  const { account, region, name } = await getIntegration(context.store, context, input.EventIntegrationName);
  const page = await listPage(
    context.store,
    { collection: associations, under: [account, region, name], nameOf: ({ id }) => id },
    {
      of: ["ListEventIntegrationAssociations", account, region, name],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: () => invalidRequest("NextToken is not valid"),
    },
  );
  return {
    EventIntegrationAssociations: page.items.map(({ id, clientId, ruleName }) => ({
      EventIntegrationAssociationArn: `arn:aws:app-integrations:${region}:${account}:event-integration-association/${name}/${id}`,
      EventIntegrationAssociationId: id,
      EventIntegrationName: name,
      ClientId: clientId,
      EventBridgeRuleName: ruleName,
    })),
    NextToken: page.nextToken,
  };
}
