import type {
  DeleteIntegrationRequest,
  DeleteIntegrationResponse,
  GetIntegrationRequest,
  GetIntegrationResponse,
  ListAccountIntegrationsRequest,
  ListAccountIntegrationsResponse,
  ListIntegrationsRequest,
  ListIntegrationsResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { listPage, slicePage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { invalidNextToken } from "../errors.ts";
import { endIntegration } from "./end-integrations.ts";
import {
  describedIntegration,
  getIntegration,
  type Integration,
  integrations,
  integrationsOfUri,
} from "./integration.ts";

const PAGE_SIZE = 100;

export async function getIntegrationOperation(
  input: Validated<GetIntegrationRequest>,
  context: Context,
): Promise<GetIntegrationResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  return describedIntegration(await getIntegration(context.store, domain, input.Uri));
}

/** In the order of their `Uri`s. */
export async function listIntegrations(
  input: Validated<ListIntegrationsRequest>,
  context: Context,
): Promise<ListIntegrationsResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: integrations, under: [domain.uid], nameOf: ({ uri }) => uri, keep: isListed(input) },
    {
      of: ["ListIntegrations", domain.uid, input.IncludeHidden],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Items: page.items.map(describedIntegration), NextToken: page.nextToken };
}

/** The integrations of one `Uri` in all domains of the account. */
export async function listAccountIntegrations(
  input: Validated<ListAccountIntegrationsRequest>,
  context: Context,
): Promise<ListAccountIntegrationsResponse> {
  const { account, region } = context;
  const found = (await integrationsOfUri(context.store, context, input.Uri)).filter(isListed(input));
  const page = slicePage(found, ({ domainName }) => domainName, {
    of: ["ListAccountIntegrations", account, region, input.Uri],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { Items: page.items.map(describedIntegration), NextToken: page.nextToken };
}

function isListed({ IncludeHidden = false }: Pick<ListIntegrationsRequest, "IncludeHidden">) {
  return ({ isHidden }: Integration): boolean => IncludeHidden || isHidden === undefined;
}

/** Nothing comes of it from now on; the objects that it has brought stay. */
export async function deleteIntegration(
  input: Validated<DeleteIntegrationRequest>,
  context: Context,
): Promise<DeleteIntegrationResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const integration = await getIntegration(unit, domain, input.Uri);
    await endIntegration(unit, context, integration);
  });
  return { Message: `Integration ${input.Uri} deleted` };
}
