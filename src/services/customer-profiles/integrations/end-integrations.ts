import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Domain, inDomain } from "../domain.ts";
import { type Integration, integrationKey, integrations } from "./integration.ts";
import { kindOf } from "./integration-kinds.ts";

/** Ended in one unit: each may have a flow with runs, or an association. */
const ENDED_PER_STEP = 10;

/** Deletes an integration, and what was made for it. */
export async function endIntegration(unit: Unit, platform: Platform, integration: Integration): Promise<void> {
  unit.delete(integrations, integrationKey(integration));
  await kindOf(integration.uri).end(unit, platform, integration);
}

/** Ends some of the integrations of a domain that was deleted; answers whether there was any. */
export async function endIntegrations(unit: Unit, platform: Platform, domain: Pick<Domain, "uid">): Promise<boolean> {
  const { documents } = await unit.list(integrations, { prefix: inDomain(domain, ""), limit: ENDED_PER_STEP });
  for (const integration of documents) await endIntegration(unit, platform, integration);
  return documents.length > 0;
}
