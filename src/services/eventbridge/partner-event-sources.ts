import type {
  ActivateEventSourceRequest,
  CreatePartnerEventSourceRequest,
  CreatePartnerEventSourceResponse,
  DeactivateEventSourceRequest,
  DeletePartnerEventSourceRequest,
  DescribeEventSourceRequest,
  DescribeEventSourceResponse,
  DescribePartnerEventSourceRequest,
  DescribePartnerEventSourceResponse,
  EventSource,
  ListEventSourcesRequest,
  ListEventSourcesResponse,
  ListPartnerEventSourceAccountsRequest,
  ListPartnerEventSourceAccountsResponse,
  ListPartnerEventSourcesRequest,
  ListPartnerEventSourcesResponse,
} from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { listBehind, listPage, slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { BUSES, type BusAddress, busKey } from "./bus.ts";
import { invalidNextToken, notFound, validationError } from "./errors.ts";
import { PAGE_SIZE } from "./limits.ts";
import {
  findPartnerSource,
  getPartnerSource,
  isThere,
  PARTNER_SOURCES,
  type PartnerEventSource,
  PENDING_MS,
  partnerSourceArn,
  partnerSourceKey,
  putPartnerSource,
} from "./partner-event-source.ts";

/** Sources of a partner, or accounts of a source, that are read for a page. */
const OFFERED_MAX = 10_000;

const NAME = /^aws\.partner(?:\/[.\-_A-Za-z0-9]+){2,}$/;

/** A partner offers a source to an account. Any account may be a partner here: nobody admits them. */
export async function createPartnerEventSource(
  input: Validated<CreatePartnerEventSourceRequest>,
  context: Context,
): Promise<CreatePartnerEventSourceResponse> {
  const address = addressOf(input, context);
  // The model's pattern is not anchored.
  if (!NAME.test(input.Name)) throw validationError(`Event source name ${input.Name} is not valid.`);
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    if (await findPartnerSource(unit, address, nowMs)) {
      throw new ModeledError("ResourceAlreadyExistsException", `Event source ${input.Name} already exists.`);
    }
    const offered = { state: "PENDING", createdMs: nowMs, expiresMs: nowMs + PENDING_MS } as const;
    putPartnerSource(unit, { ...address, partner: context.account, ...offered });
  });
  return { EventSourceArn: partnerSourceArn(address) };
}

/** Takes an offer back; also one that there is not. The account keeps its bus, on which nothing arrives any more. */
export async function deletePartnerEventSource(
  input: Validated<DeletePartnerEventSourceRequest>,
  context: Context,
): Promise<void> {
  const address = addressOf(input, context);
  await context.store.commit(async (unit) => {
    const source = await unit.get(PARTNER_SOURCES, partnerSourceKey(address));
    if (source?.partner !== context.account) return;
    const hasBus = (await unit.get(BUSES, busKey(address))) !== undefined;
    if (hasBus) putPartnerSource(unit, { ...source, state: "DELETED", expiresMs: undefined });
    else unit.delete(PARTNER_SOURCES, partnerSourceKey(address));
  });
}

export async function describePartnerEventSource(
  input: Validated<DescribePartnerEventSourceRequest>,
  context: Context,
): Promise<DescribePartnerEventSourceResponse> {
  const [source] = await offersOf(context.store, context, input.Name);
  if (!source) throw notFound(`Event source ${input.Name} does not exist.`);
  return { Arn: partnerSourceArn(source), Name: source.name };
}

/** Those that the caller offers as a partner, each once. */
export async function listPartnerEventSources(
  input: Validated<ListPartnerEventSourcesRequest>,
  context: Context,
): Promise<ListPartnerEventSourcesResponse> {
  const { account, region, store } = context;
  const listing = {
    collection: PARTNER_SOURCES,
    index: "partner",
    under: [account, region],
    prefix: input.NamePrefix,
    nameOf: ({ name }: PartnerEventSource) => name,
    keep: (source: PartnerEventSource) => isOffered(source, context),
  };
  const sources = await listBehind(store, listing, undefined, OFFERED_MAX);
  const names = [...new Set(sources.map(({ name }) => name))].sort();
  const page = slicePage(names, (name) => name, {
    of: ["ListPartnerEventSources", account, region, input.NamePrefix],
    token: input.NextToken,
    limit: input.Limit ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    PartnerEventSources: page.items.map((Name) => ({ Arn: partnerSourceArn({ region, name: Name }), Name })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

/** The accounts that the caller offers a source to. */
export async function listPartnerEventSourceAccounts(
  input: Validated<ListPartnerEventSourceAccountsRequest>,
  context: Context,
): Promise<ListPartnerEventSourceAccountsResponse> {
  const offers = await offersOf(context.store, context, input.EventSourceName);
  if (offers.length === 0) throw notFound(`Event source ${input.EventSourceName} does not exist.`);
  const page = slicePage(offers, ({ account }) => account, {
    of: ["ListPartnerEventSourceAccounts", context.account, context.region, input.EventSourceName],
    token: input.NextToken,
    limit: input.Limit ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    PartnerEventSourceAccounts: page.items.map((source) => ({
      Account: source.account,
      CreationTime: new Date(source.createdMs),
      ...expiration(source),
      State: source.state,
    })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

export async function describeEventSource(
  input: Validated<DescribeEventSourceRequest>,
  context: Context,
): Promise<DescribeEventSourceResponse> {
  return shown(await getPartnerSource(context.store, ownAddress(input.Name, context), context.clock.now()));
}

/** Those that partners offer to the caller. */
export async function listEventSources(
  input: Validated<ListEventSourcesRequest>,
  context: Context,
): Promise<ListEventSourcesResponse> {
  const { account, region, store } = context;
  const nowMs = context.clock.now();
  const page = await listPage(
    store,
    {
      collection: PARTNER_SOURCES,
      under: [account, region],
      prefix: input.NamePrefix,
      nameOf: ({ name }) => name,
      keep: (source) => isThere(source, nowMs),
    },
    {
      of: ["ListEventSources", account, region, input.NamePrefix],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    EventSources: page.items.map(shown),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

/** "Activates a partner event source that has been deactivated": its bus is there. */
export async function activateEventSource(
  input: Validated<ActivateEventSourceRequest>,
  context: Context,
): Promise<void> {
  const address = ownAddress(input.Name, context);
  await context.store.commit(async (unit) => {
    const source = await getPartnerSource(unit, address, context.clock.now());
    const hasBus = (await unit.get(BUSES, busKey(address))) !== undefined;
    if (source.state !== "PENDING" || !hasBus) throw invalidState(source, "PENDING and has an event bus");
    putPartnerSource(unit, { ...source, state: "ACTIVE", expiresMs: undefined });
  });
}

/** "You can use this operation to temporarily stop receiving events." */
export async function deactivateEventSource(
  input: Validated<DeactivateEventSourceRequest>,
  context: Context,
): Promise<void> {
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const source = await getPartnerSource(unit, ownAddress(input.Name, context), nowMs);
    if (source.state !== "ACTIVE") throw invalidState(source, "ACTIVE");
    putPartnerSource(unit, { ...source, state: "PENDING", expiresMs: nowMs + PENDING_MS });
  });
}

function addressOf({ Name, Account }: { Name: string; Account: string }, { region }: Context): BusAddress {
  return { account: Account, region, name: Name };
}

function ownAddress(name: string, { account, region }: Context): BusAddress {
  return { account, region, name };
}

/** What the caller, as a partner, offers under a name, by account. */
async function offersOf(reader: Reader, context: Context, name: string): Promise<readonly PartnerEventSource[]> {
  const listing = {
    collection: PARTNER_SOURCES,
    index: "partner",
    under: [context.account, context.region, name],
    nameOf: ({ account }: PartnerEventSource) => account,
    keep: (source: PartnerEventSource) => isOffered(source, context),
  };
  return listBehind(reader, listing, undefined, OFFERED_MAX);
}

function isOffered(source: PartnerEventSource, { clock }: Context): boolean {
  return source.state !== "DELETED" && isThere(source, clock.now());
}

function invalidState({ name, state }: PartnerEventSource, wanted: string): ModeledError {
  return new ModeledError(
    "InvalidStateException",
    `Event source ${name} is ${state}; it must be one that is ${wanted}.`,
  );
}

/** `CreatedBy` is the partner: the first two parts of the name. */
function shown(source: PartnerEventSource): EventSource {
  return {
    Arn: partnerSourceArn(source),
    CreatedBy: source.name.split("/").slice(0, 2).join("/"),
    CreationTime: new Date(source.createdMs),
    ...expiration(source),
    Name: source.name,
    State: source.state,
  };
}

function expiration({ expiresMs }: PartnerEventSource): { ExpirationTime?: Date } {
  return expiresMs === undefined ? {} : { ExpirationTime: new Date(expiresMs) };
}
