import type {
  ArchiveState,
  CreateArchiveRequest,
  CreateArchiveResponse,
  DeleteArchiveRequest,
  DeleteArchiveResponse,
  DescribeArchiveRequest,
  DescribeArchiveResponse,
  ListArchivesRequest,
  ListArchivesResponse,
  Archive as ShownArchive,
  UpdateArchiveRequest,
  UpdateArchiveResponse,
} from "@aws-sdk/client-eventbridge";
import { parseEventPattern } from "../../../matching/event-pattern.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import { listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { type BusAddress, busAddress, busArn, DEFAULT_BUS, getBus, noSuchBus, parseBusArn } from "../bus.ts";
import { invalidNextToken, validationError } from "../errors.ts";
import { parseExactly } from "../exact-json.ts";
import { PAGE_SIZE } from "../limits.ts";
import { deleteManagedRule } from "../managed-rule.ts";
import { openBus } from "../open-bus.ts";
import { RULES, ruleKey } from "../rule.ts";
import { writeRule } from "../rules.ts";
import {
  ARCHIVE_USAGES,
  ARCHIVES,
  type Archive,
  type ArchiveAddress,
  addressOf,
  archiveArn,
  archiveKey,
  discardArchive,
  getArchive,
  NO_USAGE,
  scheduleExpiry,
} from "./archive.ts";
import { archiveTarget, managedRuleName } from "./archive-sink.ts";

/** Begins to keep the events of a bus, or those that match a pattern, for some days or for ever. */
export async function createArchive(
  input: Validated<CreateArchiveRequest>,
  context: Context,
): Promise<CreateArchiveResponse> {
  const { account, region } = context;
  const address = { account, region, name: input.ArchiveName };
  const bus = ownBus(input.EventSourceArn, context);
  if (input.EventPattern) parseEventPattern(input.EventPattern);
  const archive: Archive = {
    bus,
    name: input.ArchiveName,
    id: context.ids.uuid(),
    ...settings(input),
    retentionDays: input.RetentionDays ?? 0,
    createdMs: context.clock.now(),
  };
  await context.store.commit(async (unit) => {
    if ((await openBus(unit, context, bus)) === undefined) throw noSuchBus(bus.name);
    if (await unit.get(ARCHIVES, archiveKey(address))) {
      throw new ModeledError("ResourceAlreadyExistsException", `Archive ${input.ArchiveName} already exists.`);
    }
    unit.put(ARCHIVES, archiveKey(address), archive);
    writeManagedRule(unit, context, archive);
  });
  return changed(archive);
}

export async function describeArchive(
  input: Validated<DescribeArchiveRequest>,
  context: Context,
): Promise<DescribeArchiveResponse> {
  const archive = await getArchive(context.store, ownAddress(input.ArchiveName, context));
  return {
    ArchiveArn: archiveArn(addressOf(archive)),
    ...(await shown(context.store, archive)),
    ...(archive.description !== undefined && { Description: archive.description }),
    ...(archive.eventPattern !== undefined && { EventPattern: archive.eventPattern }),
    // An empty identifier is how a caller goes back to the service's own key.
    ...(archive.kmsKeyIdentifier && { KmsKeyIdentifier: archive.kmsKeyIdentifier }),
  };
}

/** The caller's archives, by name: all, or those of a bus, or with a state, of which there is one. */
export async function listArchives(
  input: Validated<ListArchivesRequest>,
  context: Context,
): Promise<ListArchivesResponse> {
  const filters = [input.NamePrefix, input.EventSourceArn, input.State].filter((filter) => filter !== undefined);
  if (filters.length > 1) throw validationError(ONE_FILTER);
  if (input.EventSourceArn !== undefined) await getBus(context.store, ownBus(input.EventSourceArn, context));
  const { account, region, store } = context;
  const page = await listPage(
    store,
    {
      collection: ARCHIVES,
      under: [account, region],
      prefix: input.NamePrefix,
      nameOf: ({ name }) => name,
      keep: ({ bus }) =>
        (input.EventSourceArn === undefined || busArn(bus) === input.EventSourceArn) &&
        (input.State === undefined || input.State === ENABLED),
    },
    {
      of: ["ListArchives", account, region, input.NamePrefix, input.EventSourceArn, input.State],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    Archives: await Promise.all(page.items.map((archive) => shown(store, archive))),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

/** Changes what is given and leaves the rest. What is in the archive stays, unless it is past a shorter retention. */
export async function updateArchive(
  input: Validated<UpdateArchiveRequest>,
  context: Context,
): Promise<UpdateArchiveResponse> {
  const { EventPattern, RetentionDays, Description, KmsKeyIdentifier } = input;
  if ([EventPattern, RetentionDays, Description, KmsKeyIdentifier].every((given) => given === undefined)) {
    throw validationError("At least one of EventPattern, RetentionDays or Description must be provided.");
  }
  if (EventPattern) parseEventPattern(EventPattern);
  const archive = await context.store.commit(async (unit) => {
    const found = await getArchive(unit, ownAddress(input.ArchiveName, context));
    const updated = { ...found, ...settings(input), retentionDays: RetentionDays ?? found.retentionDays };
    unit.put(ARCHIVES, archiveKey(addressOf(updated)), updated);
    writeManagedRule(unit, context, updated);
    if (updated.retentionDays > 0) scheduleExpiry(unit, context, updated, context.clock.now());
    return updated;
  });
  return changed(archive);
}

/** Deletes an archive with all that is in it; replays of it that still run fail. */
export async function deleteArchive(
  input: Validated<DeleteArchiveRequest>,
  context: Context,
): Promise<DeleteArchiveResponse> {
  const address = ownAddress(input.ArchiveName, context);
  await context.store.commit(async (unit) => {
    const { bus, id } = await getArchive(unit, address);
    unit.delete(ARCHIVES, archiveKey(address));
    discardArchive(unit, context, id);
    const rule = { bus, name: managedRuleName(input.ArchiveName) };
    if (await unit.get(RULES, ruleKey(rule))) deleteManagedRule(unit, context, rule);
  });
  return {};
}

/** There is nothing to wait for: an archive takes events from its creation on. */
const ENABLED: ArchiveState = "ENABLED";

const ONE_FILTER = "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.";

/** As the real service names it on its managed rules. */
const MANAGER = "prod.vhs.events.aws.internal";

/** What comes out of an archive never goes into one. */
function writeManagedRule(unit: Unit, context: Context, archive: Archive): void {
  const asked = archive.eventPattern ? (parseExactly(archive.eventPattern) as object) : {};
  writeRule(unit, context, {
    bus: archive.bus,
    name: managedRuleName(archive.name),
    eventPattern: JSON.stringify({ ...asked, "replay-name": [{ exists: false }] }),
    state: "ENABLED",
    createdBy: archive.bus.account,
    tags: [],
    managedBy: MANAGER,
    targets: [archiveTarget(addressOf(archive))],
  });
}

function ownAddress(name: string, { account, region }: Context): ArchiveAddress {
  return { account, region, name };
}

/** A bus of another account or Region is one that the caller does not have. */
function ownBus(arn: string, context: Context): BusAddress {
  const bus = parseBusArn(arn) ?? busAddress(arn.slice(arn.lastIndexOf("/") + 1) || DEFAULT_BUS, context);
  if (bus.account !== context.account || bus.region !== context.region) throw noSuchBus(bus.name);
  return bus;
}

function settings({ Description, EventPattern, KmsKeyIdentifier }: Validated<UpdateArchiveRequest>): Partial<Archive> {
  return {
    ...(Description !== undefined && { description: Description }),
    ...(EventPattern !== undefined && { eventPattern: EventPattern }),
    ...(KmsKeyIdentifier !== undefined && { kmsKeyIdentifier: KmsKeyIdentifier }),
  };
}

function changed(archive: Archive): CreateArchiveResponse {
  return {
    ArchiveArn: archiveArn(addressOf(archive)),
    State: ENABLED,
    CreationTime: new Date(archive.createdMs),
  };
}

async function shown(reader: Reader, archive: Archive): Promise<ShownArchive> {
  const { events, bytes } = (await reader.get(ARCHIVE_USAGES, archive.id)) ?? NO_USAGE;
  return {
    ArchiveName: archive.name,
    EventSourceArn: busArn(archive.bus),
    State: ENABLED,
    RetentionDays: archive.retentionDays,
    SizeBytes: bytes,
    EventCount: events,
    CreationTime: new Date(archive.createdMs),
  };
}
