import type {
  CreateDomainRequest,
  CreateDomainResponse,
  DeleteDomainRequest,
  DeleteDomainResponse,
  GetDomainRequest,
  GetDomainResponse,
  ListDomainsRequest,
  ListDomainsResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type Domain, domainArn, domainKey, domains, getDomain } from "./domain.ts";
import { sweepDomainTimer } from "./domain-sweep.ts";
import { invalidNextToken } from "./errors.ts";
import { commitNamed } from "./named.ts";
import { requireRoomForDomain } from "./quotas.ts";
import { putSystemFields } from "./system-fields.ts";

const PAGE_SIZE = 10;

/** Creates a domain with the system's fields and no templates. It can be used at once. */
export async function createDomain(
  input: Validated<CreateDomainRequest>,
  context: Context,
): Promise<CreateDomainResponse> {
  const domain: Domain = {
    account: context.account,
    region: context.region,
    domainId: context.ids.uuid(),
    name: input.name,
    events: { enabled: false },
    settings: {},
    createdMs: context.clock.now(),
    tags: {},
  };
  await commitNamed(context, `Domain ${domain.name}`, async (unit) => {
    await requireRoomForDomain(unit, context);
    unit.put(domains, domainKey(domain, domain.domainId), domain);
    putSystemFields(unit, domain);
  });
  return { domainId: domain.domainId, domainArn: domainArn(domain), domainStatus: "Active" };
}

export async function getDomainOperation(
  input: Validated<GetDomainRequest>,
  context: Context,
): Promise<GetDomainResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  return {
    domainId: domain.domainId,
    domainArn: domainArn(domain),
    name: domain.name,
    createdTime: new Date(domain.createdMs),
    domainStatus: "Active",
    tags: { ...domain.tags },
  };
}

/** In the order of their names. */
export async function listDomains(
  input: Validated<ListDomainsRequest>,
  context: Context,
): Promise<ListDomainsResponse> {
  const { account, region } = context;
  const page = await listPage(
    context.store,
    { collection: domains, index: "name", under: [account, region], nameOf: ({ name }) => name },
    {
      of: ["cases ListDomains", account, region],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    domains: page.items.map((domain) => ({
      domainId: domain.domainId,
      domainArn: domainArn(domain),
      name: domain.name,
    })),
    nextToken: page.nextToken,
  };
}

/** Deletes a domain with all that lies in it: nobody sees that from now on, and it goes in small steps. */
export async function deleteDomain(
  input: Validated<DeleteDomainRequest>,
  context: Context,
): Promise<DeleteDomainResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    unit.delete(domains, domainKey(domain, domain.domainId));
    context.flow.schedule(unit, sweepDomainTimer(domain, context.clock.now()));
  });
  return {};
}
