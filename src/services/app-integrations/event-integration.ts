import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { BusAddress } from "../eventbridge/index.ts";

/** Whose the integrations are. */
export interface Owner {
  readonly account: string;
  readonly region: string;
}

/** Names the bus and the source of events of an application outside. Who wants them associates itself with it. */
export interface EventIntegration extends Owner {
  readonly name: string;
  readonly description?: string | undefined;
  readonly source: string;
  readonly bus: string;
  /** Of the request that made it. */
  readonly clientToken?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export const eventIntegrations: Collection<EventIntegration> = collection("app_integrations_event_integrations");

/** Somebody gets the events of an integration, by a rule of EventBridge that they do not make themselves. */
export interface EventIntegrationAssociation extends Owner {
  readonly integrationName: string;
  readonly id: string;
  /** Of an instance of Connect: its id. */
  readonly clientId: string;
  readonly bus: string;
  readonly ruleName: string;
  /** Where its rule sends. */
  readonly targetArn?: string;
  /** Whose events its target is handed by webhooks at once: a partner event source, from whose own bus the rule sends. */
  readonly atOnceSource?: string | undefined;
}

export const associations: Collection<EventIntegrationAssociation> = collection("app_integrations_event_associations", {
  atOnce: {
    type: "text",
    value: ({ account, region, atOnceSource }) =>
      atOnceSource === undefined ? undefined : compositeKey(account, region, atOnceSource),
  },
});

/** Those that webhooks hand the events of a source at once. */
export async function atOnceAssociations(
  reader: Reader,
  { account, region }: Owner,
  source: string,
): Promise<readonly EventIntegrationAssociation[]> {
  const range = { index: "atOnce", equals: compositeKey(account, region, source), limit: AT_ONCE_MAX };
  return (await reader.list(associations, range)).documents;
}

/** More would be long for one unit. The router brings it to the others. */
const AT_ONCE_MAX = 4;

export function busOf({ account, region, bus }: EventIntegration): BusAddress {
  return { account, region, name: bus };
}

export function eventIntegrationArn({ account, region, name }: Owner & { readonly name: string }): string {
  return `arn:aws:app-integrations:${region}:${account}:event-integration/${name}`;
}

export function putEventIntegration(unit: Unit, integration: EventIntegration): void {
  unit.put(eventIntegrations, integrationKey(integration), integration);
}

export async function findEventIntegration(
  reader: Reader,
  { account, region }: Owner,
  name: string,
): Promise<EventIntegration | undefined> {
  return reader.get(eventIntegrations, integrationKey({ account, region, name }));
}

/** One of the owner's, or `ResourceNotFoundException`. */
export async function getIntegration(reader: Reader, owner: Owner, name: string): Promise<EventIntegration> {
  const found = await findEventIntegration(reader, owner, name);
  if (!found) throw new ModeledError("ResourceNotFoundException", `Event integration ${name} does not exist`);
  return found;
}

export function invalidRequest(message: string): ModeledError {
  return new ModeledError("InvalidRequestException", message);
}

const TAGS_MAX = 50;

/** Throws where they are too many, or not the caller's to set. */
export function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const keys = Object.keys(tags);
  if (keys.some((key) => key.toLowerCase().startsWith("aws:"))) throw invalidRequest("Tags must not begin with aws:");
  if (keys.length > TAGS_MAX) throw invalidRequest(`A resource may have at most ${TAGS_MAX} tags`);
  return tags;
}

export function integrationKey({ account, region, name }: Owner & { readonly name: string }): string {
  return compositeKey(account, region, name);
}

/** The first of an integration's. */
export async function findAssociations(
  reader: Reader,
  { account, region, name }: Owner & { readonly name: string },
  limit: number,
): Promise<readonly EventIntegrationAssociation[]> {
  const prefix = compositeKey(account, region, name, "");
  return (await reader.list(associations, { prefix, limit })).documents;
}

export function associationKey({
  account,
  region,
  integrationName,
  id,
}: Owner & Pick<EventIntegrationAssociation, "integrationName" | "id">): string {
  return compositeKey(account, region, integrationName, id);
}
