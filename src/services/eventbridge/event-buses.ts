import type {
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteEventBusRequest,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  EventBus,
  ListEventBusesRequest,
  ListEventBusesResponse,
  UpdateEventBusRequest,
  UpdateEventBusResponse,
} from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { cutPage, listBehind, pageStart } from "../list-page.ts";
import { guardRange } from "../range-guard.ts";
import type { Context } from "../service.ts";
import { replayLogName } from "./archives/replay.ts";
import {
  BUSES,
  type Bus,
  type BusAddress,
  busArn,
  busKey,
  busLogName,
  DEFAULT_BUS,
  findBus,
  getBus,
  noSuchBus,
  ownBusAddress,
} from "./bus.ts";
import { invalidNextToken, limitExceeded, validationError } from "./errors.ts";
import { PAGE_SIZE } from "./limits.ts";
import { createBus, openBus } from "./open-bus.ts";
import { getPartnerSource, partnerBusDeleted, putPartnerSource } from "./partner-event-source.ts";
import { routersOf } from "./routers.ts";
import { RULES, rulesOfBus } from "./rule.ts";
import { checkedTags } from "./tags.ts";

/** Buses in an account and region, from the service quotas. */
export const BUSES_MAX = 100;

export async function createEventBus(
  input: Validated<CreateEventBusRequest>,
  context: Context,
): Promise<CreateEventBusResponse> {
  const { account, region } = context;
  const address = { account, region, name: input.Name };
  const isPartners = input.EventSourceName !== undefined;
  if (isPartners && input.EventSourceName !== input.Name) {
    throw validationError("The name of a partner event bus must be that of its event source.");
  }
  if (!isPartners && input.Name.includes("/")) throw validationError("Event bus name must not contain '/'.");
  const nowMs = context.clock.now();
  const tags = checkedTags([], input.Tags ?? []);

  const bus = await context.store.commit(async (unit) => {
    if (await findBus(unit, address)) {
      throw new ModeledError("ResourceAlreadyExistsException", `Event bus ${input.Name} already exists.`);
    }
    await checkCount(unit, context);
    if (isPartners) await activateSource(unit, address, nowMs);
    return createBus(unit, context, { ...address, ...settings(input), tags, createdMs: nowMs, modifiedMs: nowMs });
  });
  return { EventBusArn: busArn(bus), ...shownSettings(bus) };
}

/** Accepts what a partner offers to an account, by an event bus of its name. Nothing changes where that is done already. */
export async function acceptPartnerSource(unit: Unit, context: Context, address: BusAddress): Promise<void> {
  const nowMs = context.clock.now();
  const { state } = await getPartnerSource(unit, address, nowMs);
  const bus = await findBus(unit, address);
  if (state !== "ACTIVE") await activateSource(unit, address, nowMs);
  if (bus) return;
  await checkCount(unit, context);
  createBus(unit, context, { ...address, tags: [], createdMs: nowMs, modifiedMs: nowMs });
}

/** The bus of a partner event source makes it active. */
async function activateSource(unit: Unit, address: BusAddress, nowMs: number): Promise<void> {
  const source = await getPartnerSource(unit, address, nowMs);
  if (source.state !== "PENDING") {
    throw new ModeledError("InvalidStateException", `Event source ${source.name} is ${source.state}, not PENDING.`);
  }
  putPartnerSource(unit, { ...source, state: "ACTIVE", expiresMs: undefined });
}

export async function describeEventBus(
  input: Validated<DescribeEventBusRequest>,
  context: Context,
): Promise<DescribeEventBusResponse> {
  const bus = await getBus(context.store, ownBusAddress(input.Name, context, "DescribeEventBus"));
  return { ...shown(bus), ...shownSettings(bus) };
}

/** Changes what is given and leaves the rest. */
export async function updateEventBus(
  input: Validated<UpdateEventBusRequest>,
  context: Context,
): Promise<UpdateEventBusResponse> {
  const address = ownBusAddress(input.Name, context, "UpdateEventBus");
  const modifiedMs = context.clock.now();
  const bus = await context.store.commit(async (unit) => {
    const found = await openBus(unit, context, address);
    if (found === undefined) throw noSuchBus(address.name);
    const updated: Bus = { ...found, ...settings(input), modifiedMs };
    unit.put(BUSES, busKey(address), updated);
    return updated;
  });
  return { Arn: busArn(bus), Name: bus.name, ...shownSettings(bus) };
}

export async function listEventBuses(
  input: Validated<ListEventBusesRequest>,
  context: Context,
): Promise<ListEventBusesResponse> {
  const { account, region, store } = context;
  const prefix = input.NamePrefix ?? "";
  const request = {
    of: ["ListEventBuses", account, region, prefix],
    token: input.NextToken,
    limit: input.Limit ?? PAGE_SIZE,
    refuse: invalidNextToken,
  };
  const nameOf = ({ name }: Bus) => name;
  const behind = pageStart(request);
  const stored = await listBehind(
    store,
    { collection: BUSES, under: [account, region], prefix, nameOf },
    behind,
    request.limit + 1,
  );
  const unused = await findUnusedDefault(store, { account, region });
  const isListed = unused?.name.startsWith(prefix) && (behind === undefined || unused.name > behind);
  const buses = unused && isListed ? [...stored, unused].sort((a, b) => (a.name < b.name ? -1 : 1)) : stored;
  const page = cutPage(buses, nameOf, request);
  return { EventBuses: page.items.map(shown), ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

/** The default bus as long as it has no document; it is listed all the same. */
async function findUnusedDefault(reader: Reader, owner: Omit<BusAddress, "name">): Promise<Bus | undefined> {
  const address = { ...owner, name: DEFAULT_BUS };
  return (await reader.get(BUSES, busKey(address))) === undefined ? findBus(reader, address) : undefined;
}

/**
 * Deletes a bus and the events that are still in its log.
 *
 * "All rules associated with this event bus need to be deleted": the reference of the API. The text for a bus that has rules is ours,
 * after that for a rule that has targets.
 */
export async function deleteEventBus(input: Validated<DeleteEventBusRequest>, context: Context): Promise<void> {
  const address = ownBusAddress(input.Name, context, "DeleteEventBus");
  if (address.name === DEFAULT_BUS) throw validationError(`Cannot delete event bus ${DEFAULT_BUS}.`);
  await context.store.commit(async (unit) => {
    await getBus(unit, address);
    const { documents } = await unit.list(RULES, { prefix: rulesOfBus(address), limit: 1 });
    if (documents.length > 0) throw validationError("Event bus can't be deleted since it has rules.");
    unit.delete(BUSES, busKey(address));
    for (const log of [busLogName(address), replayLogName(address)]) if (await unit.findLog(log)) unit.dropLog(log);
    await partnerBusDeleted(unit, address, context.clock.now());
    await routersOf(context).end(unit, address);
  });
}

async function checkCount(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value("events.buses", BUSES_MAX);
  await guardRange(unit, compositeKey(account, region, BUSES.name));
  const { documents } = await unit.list(BUSES, { prefix: compositeKey(account, region, ""), limit: most + 1 });
  // The default bus counts, whether it has a document or not.
  const others = documents.filter(({ name }) => name !== DEFAULT_BUS).length;
  if (others + 1 >= most) throw limitExceeded();
}

function settings(input: Validated<UpdateEventBusRequest>): Partial<Bus> {
  return {
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyIdentifier !== undefined && { kmsKeyIdentifier: input.KmsKeyIdentifier }),
    ...(input.DeadLetterConfig !== undefined && { deadLetterConfig: input.DeadLetterConfig }),
    ...(input.LogConfig !== undefined && { logConfig: input.LogConfig }),
  };
}

function shownSettings(bus: Bus): Omit<CreateEventBusResponse, "EventBusArn"> {
  return {
    ...(bus.description !== undefined && { Description: bus.description }),
    // An empty identifier is how a caller goes back to the service's own key.
    ...(bus.kmsKeyIdentifier && { KmsKeyIdentifier: bus.kmsKeyIdentifier }),
    ...(bus.deadLetterConfig !== undefined && { DeadLetterConfig: bus.deadLetterConfig }),
    ...(bus.logConfig !== undefined && { LogConfig: bus.logConfig }),
  };
}

function shown(bus: Bus): EventBus {
  return {
    Name: bus.name,
    Arn: busArn(bus satisfies BusAddress),
    ...(bus.description !== undefined && { Description: bus.description }),
    ...(bus.policy !== undefined && { Policy: JSON.stringify(bus.policy) }),
    ...(bus.createdMs !== undefined && { CreationTime: new Date(bus.createdMs) }),
    ...(bus.modifiedMs !== undefined && { LastModifiedTime: new Date(bus.modifiedMs) }),
  };
}
