import type {
  CreateDomainRequest,
  CreateDomainResponse,
  DeleteDomainRequest,
  DeleteDomainResponse,
  GetDomainRequest,
  GetDomainResponse,
  ListDomainsRequest,
  ListDomainsResponse,
  UpdateDomainRequest,
  UpdateDomainResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import { guardRange } from "../range-guard.ts";
import type { Context, Limit } from "../service.ts";
import { putDefaultAttributes } from "./calculated-attributes/default-attributes.ts";
import { requireQueueUrl } from "./dead-letter-queue.ts";
import { type Domain, domainKey, domains, getDomain, type Owner } from "./domain.ts";
import { domainStats } from "./domain-stats.ts";
import { sweepDomainTimer } from "./domain-sweep.ts";
import { badRequest, invalidNextToken } from "./errors.ts";
import { endIntegrations } from "./integrations/end-integrations.ts";
import { matchAnew } from "./matching/match-profiles.ts";
import { checkMatchingRules } from "./matching/matching-rules.ts";

export const DOMAINS: Limit = {
  name: "customer-profiles.domains",
  default: 100,
  meaning: "Domains of an account in a Region",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

/** Steps that the deletion of a domain waits for: so that the names of its flows are free again. */
const AWAITED_STEPS = 10;

/** Of every list of definitions, where a request names no other. */
const PAGE_SIZE = 100;

/** Creates a domain that has nothing but the calculated attributes that each begins with. */
export async function createDomain(
  input: Validated<CreateDomainRequest>,
  context: Context,
): Promise<CreateDomainResponse> {
  checkSettings(input, context);
  const nowMs = context.clock.now();
  const domain: Domain = {
    account: context.account,
    region: context.region,
    name: input.DomainName,
    // Short, since each key of what lies in the domain begins with it.
    uid: Buffer.from(context.ids.bytes(6)).toString("base64url"),
    expirationDays: input.DefaultExpirationDays,
    encryptionKey: input.DefaultEncryptionKey || undefined,
    deadLetterQueueUrl: input.DeadLetterQueueUrl || undefined,
    matching: input.Matching,
    ruleBasedMatching: input.RuleBasedMatching,
    matchingGeneration: 0,
    dataStore: input.DataStore,
    createdMs: nowMs,
    updatedMs: nowMs,
    tags: input.Tags ?? {},
  };
  const key = domainKey(context, domain.name);
  await context.store.commit(async (unit) => {
    if (await unit.get(domains, key)) throw badRequest(`Domain ${domain.name} already exists`);
    await requireQuota(unit, context);
    unit.put(domains, key, domain);
    putDefaultAttributes(unit, domain);
  });
  return described(domain);
}

export async function getDomainOperation(
  input: Validated<GetDomainRequest>,
  context: Context,
): Promise<GetDomainResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  return { ...described(domain), Stats: await domainStats(context.store, domain) };
}

/** Changes what is given and keeps the rest; an empty text clears. */
export async function updateDomain(
  input: Validated<UpdateDomainRequest>,
  context: Context,
): Promise<UpdateDomainResponse> {
  checkSettings(input, context);
  return context.store.commit(async (unit) => {
    const old = await getDomain(unit, context, input.DomainName);
    const domain: Domain = {
      ...old,
      expirationDays: input.DefaultExpirationDays ?? old.expirationDays,
      encryptionKey: changedText(old.encryptionKey, input.DefaultEncryptionKey),
      deadLetterQueueUrl: changedText(old.deadLetterQueueUrl, input.DeadLetterQueueUrl),
      matching: input.Matching ?? old.matching,
      ruleBasedMatching: input.RuleBasedMatching ?? old.ruleBasedMatching,
      matchingGeneration: old.matchingGeneration + (input.RuleBasedMatching ? 1 : 0),
      dataStore: input.DataStore ?? old.dataStore,
      updatedMs: context.clock.now(),
      tags: input.Tags ?? old.tags,
    };
    unit.put(domains, domainKey(domain, domain.name), domain);
    if (input.RuleBasedMatching) matchAnew(unit, context, domain);
    return described(domain);
  });
}

/** Deletes a domain with all that lies in it: nobody sees that from now on, and it goes in small steps. */
export async function deleteDomain(
  input: Validated<DeleteDomainRequest>,
  context: Context,
): Promise<DeleteDomainResponse> {
  const domain = await context.store.commit(async (unit) => {
    const found = await getDomain(unit, context, input.DomainName);
    unit.delete(domains, domainKey(found, found.name));
    context.flow.schedule(unit, sweepDomainTimer(found, context.clock.now()));
    return found;
  });
  for (let step = 0; step < AWAITED_STEPS; step += 1) {
    if (!(await context.store.commit((unit) => endIntegrations(unit, context, domain)))) break;
  }
  return { Message: `Domain ${input.DomainName} deleted` };
}

export async function listDomains(
  input: Validated<ListDomainsRequest>,
  context: Context,
): Promise<ListDomainsResponse> {
  const page = await listPage(
    context.store,
    { collection: domains, under: [context.account, context.region], nameOf: ({ name }) => name },
    {
      of: ["ListDomains", context.account, context.region],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const items = page.items.map((domain) => ({
    DomainName: domain.name,
    CreatedAt: new Date(domain.createdMs),
    LastUpdatedAt: new Date(domain.updatedMs),
    Tags: domain.tags,
  }));
  return { Items: items, NextToken: page.nextToken };
}

function checkSettings(input: Validated<UpdateDomainRequest>, owner: Owner): void {
  if (input.DeadLetterQueueUrl) requireQueueUrl(input.DeadLetterQueueUrl, owner);
  if (input.Matching?.Enabled) {
    throw badRequest("Matching: matching by machine learning is not built; RuleBasedMatching is");
  }
  if (input.RuleBasedMatching) checkMatchingRules(input.RuleBasedMatching);
}

/** Absent keeps, empty clears. */
function changedText(old: string | undefined, given: string | undefined): string | undefined {
  return given === undefined ? old : given || undefined;
}

function described(domain: Domain): CreateDomainResponse {
  const { ruleBasedMatching, dataStore } = domain;
  return {
    DomainName: domain.name,
    DefaultExpirationDays: domain.expirationDays,
    DefaultEncryptionKey: domain.encryptionKey,
    DeadLetterQueueUrl: domain.deadLetterQueueUrl,
    Matching: domain.matching,
    // Profiles are matched as they change, from the first one on: there is nothing to wait for.
    RuleBasedMatching: ruleBasedMatching?.Enabled ? { ...ruleBasedMatching, Status: "ACTIVE" } : ruleBasedMatching,
    DataStore: dataStore?.Enabled
      ? { Enabled: true, Readiness: { ProgressPercentage: 100, Message: "The data store is ready" } }
      : dataStore,
    CreatedAt: new Date(domain.createdMs),
    LastUpdatedAt: new Date(domain.updatedMs),
    Tags: domain.tags,
  };
}

async function requireQuota(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(DOMAINS.name, DOMAINS.default);
  await guardRange(unit, compositeKey(account, region, domains.name));
  const { documents } = await unit.list(domains, { prefix: compositeKey(account, region, ""), limit: most });
  if (documents.length >= most) throw badRequest("Limit exceeded: domains per account and Region");
}
