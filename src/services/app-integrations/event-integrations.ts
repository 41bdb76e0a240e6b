import { ModeledError } from "../../models/modeled-error.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { findBus } from "../eventbridge/index.ts";
import { listPage } from "../list-page.ts";
import { guardRange } from "../range-guard.ts";
import type { Context, Limit } from "../service.ts";
import {
  busOf,
  checkedTags,
  type EventIntegration,
  eventIntegrationArn,
  eventIntegrations,
  findAssociations,
  findEventIntegration,
  getIntegration,
  integrationKey,
  invalidRequest,
  putEventIntegration,
} from "./event-integration.ts";

export const EVENT_INTEGRATIONS: Limit = {
  name: "app-integrations.event-integrations",
  default: 10,
  meaning: "Event integrations of an account in a Region",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

const PAGE_SIZE = 50;

/** The model's pattern is not anchored. */
const NAME = /^[a-zA-Z0-9/._-]+$/;
/** The model's too. */
const NAME_LENGTH_MAX = 255;
const SOURCE =
  /^(?:aws\.partner\/.+|aws\.cases|aws\.cases-test|Pipe\s.[a-zA-Z0-9/._-]+|app-integrations\.webhooks\/[a-zA-Z0-9\-_./]+)$/;

/** The types of an SDK's client for this service would be the only thing used of it. */
interface CreateEventIntegrationRequest {
  readonly Name: string;
  readonly Description?: string;
  readonly EventFilter: { readonly Source: string };
  readonly EventBridgeBus: string;
  readonly ClientToken?: string;
  readonly Tags?: Readonly<Record<string, string>>;
}

interface Named {
  readonly Name: string;
}

interface DescribedIntegration {
  readonly Name: string;
  readonly Description: string | undefined;
  readonly EventIntegrationArn: string;
  readonly EventBridgeBus: string;
  readonly EventFilter: { readonly Source: string };
  readonly Tags: Readonly<Record<string, string>> | undefined;
}

/** Creates an integration of events on a bus that is there. The same token again answers with the same integration. */
export async function createEventIntegration(
  input: CreateEventIntegrationRequest,
  context: Context,
): Promise<{ EventIntegrationArn: string }> {
  const { Name: name, EventFilter, EventBridgeBus: bus } = input;
  if (!NAME.test(name)) throw invalidRequest(`Name ${name} is not valid`);
  if (!SOURCE.test(EventFilter.Source)) throw invalidRequest(`EventFilter.Source ${EventFilter.Source} is not valid`);
  const integration: EventIntegration = {
    account: context.account,
    region: context.region,
    name,
    description: input.Description,
    source: EventFilter.Source,
    bus,
    clientToken: input.ClientToken,
    tags: checkedTags(input.Tags ?? {}),
  };
  await context.store.commit(async (unit) => {
    const found = await findEventIntegration(unit, context, name);
    if (found && found.clientToken !== undefined && found.clientToken === input.ClientToken) return;
    if (found) throw new ModeledError("DuplicateResourceException", `Event integration ${name} exists already`);
    await addIntegration(unit, context, integration);
  });
  return { EventIntegrationArn: eventIntegrationArn(integration) };
}

/** Makes an integration of a source on its own bus, if it is not there. Throws `InvalidRequestException` for a name that it cannot have. */
export async function openEventIntegration(
  unit: Unit,
  context: Context,
  { name, source }: Pick<EventIntegration, "name" | "source">,
): Promise<EventIntegration> {
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) throw invalidRequest(`Event integration ${name} is no name`);
  const found = await findEventIntegration(unit, context, name);
  if (found && (found.source !== source || found.bus !== source)) {
    throw invalidRequest(`Event integration ${name} exists already, for ${found.source} on event bus ${found.bus}`);
  }
  if (found) return found;
  const { account, region } = context;
  const integration: EventIntegration = { account, region, name, source, bus: source, tags: {} };
  await addIntegration(unit, context, integration);
  return integration;
}

async function addIntegration(unit: Unit, context: Context, integration: EventIntegration): Promise<void> {
  if (!(await findBus(unit, busOf(integration)))) {
    throw invalidRequest(`Event bus ${integration.bus} does not exist`);
  }
  await requireQuota(unit, context);
  putEventIntegration(unit, integration);
}

export async function getEventIntegration(input: Named, context: Context): Promise<DescribedIntegration> {
  return describe(await getIntegration(context.store, context, input.Name));
}

export async function listEventIntegrations(
  input: { readonly NextToken?: string; readonly MaxResults?: number },
  context: Context,
): Promise<{ EventIntegrations: readonly DescribedIntegration[]; NextToken: string | undefined }> {
  const page = await listPage(
    context.store,
    { collection: eventIntegrations, under: [context.account, context.region], nameOf: ({ name }) => name },
    {
      of: ["ListEventIntegrations", context.account, context.region],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: () => invalidRequest("NextToken is not valid"),
    },
  );
  return { EventIntegrations: page.items.map(describe), NextToken: page.nextToken };
}

/** Only the description can change. */
export async function updateEventIntegration(
  input: Named & { readonly Description?: string },
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const integration = await getIntegration(unit, context, input.Name);
    putEventIntegration(unit, { ...integration, description: input.Description ?? integration.description });
  });
  return {};
}

/** "You cannot delete an event integration if the integration is associated." */
export async function deleteEventIntegration(input: Named, context: Context): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const integration = await getIntegration(unit, context, input.Name);
    if ((await findAssociations(unit, integration, 1)).length > 0) {
      throw invalidRequest(`Event integration ${integration.name} has associations, which must be deleted first`);
    }
    unit.delete(eventIntegrations, integrationKey(integration));
  });
  return {};
}

async function requireQuota(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value("app-integrations.event-integrations", EVENT_INTEGRATIONS.default);
  await guardRange(unit, compositeKey(account, region, eventIntegrations.name));
  const prefix = compositeKey(account, region, "");
  const { documents } = await unit.list(eventIntegrations, { prefix, limit: most });
  if (documents.length < most) return;
  throw new ModeledError("ResourceQuotaExceededException", "The quota of event integrations is used up");
}

function describe(integration: EventIntegration): DescribedIntegration {
  const { name, description, source, bus, tags } = integration;
  return {
    Name: name,
    Description: description,
    EventIntegrationArn: eventIntegrationArn(integration),
    EventBridgeBus: bus,
    EventFilter: { Source: source },
    Tags: Object.keys(tags).length > 0 ? tags : undefined,
  };
}
