import type { Reader, Unit } from "../../../store/store.ts";
import { type Collection, collection, compositeKey } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { BusAddress } from "../bus.ts";
import { notFound } from "../errors.ts";
import { TIME_MS_MAX, TIME_MS_MIN } from "../event.ts";

/*
 * What an archive holds: a document for each event, in the order of the events' own times, which is that of a replay (the key), and in the
 * order of their arrival, which is that of retention (the index). A log of the store would know only the latter.
 *
 * What is older than the retention is left out of every replay at once. A timer for the oldest deletes it later, in small steps; so it goes
 * with all that was in an archive that is deleted.
 */

export interface Archive {
  readonly bus: BusAddress;
  readonly name: string;
  /** Minted at creation: one that is deleted and created anew starts empty. */
  readonly id: string;
  readonly description?: string;
  readonly eventPattern?: string;
  readonly kmsKeyIdentifier?: string;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly createdMs: number;
}

export const ARCHIVES: Collection<Archive> = collection("eventbridge_archive");

export interface ArchivedEvent {
  readonly archiveId: string;
  /** The event's own time, in whole seconds. */
  readonly timeMs: number;
  /** Order of arrival. */
  readonly sequence: number;
  readonly archivedMs: number;
  readonly eventId: string;
  readonly text: string;
}

export const ARCHIVED: Collection<ArchivedEvent> = collection("eventbridge_archived_event", {
  arrival: { type: "text", value: ({ archiveId, sequence }) => compositeKey(archiveId, sequence) },
});

/** What an archive holds, so that nobody needs to count. Its key: the archive's id. */
export interface ArchiveUsage {
  readonly events: number;
  readonly bytes: number;
  /** Sequence of the next event. */
  readonly next: number;
}

export const ARCHIVE_USAGES: Collection<ArchiveUsage> = collection("eventbridge_archive_usage");

export const NO_USAGE: ArchiveUsage = { events: 0, bytes: 0, next: 1 };

const EXPIRE = "eventbridge.archive-expire";
const DISCARD = "eventbridge.archive-discard";

/** Rows that one step of a clean-up deletes, so that no commit takes long. */
const STEP_ROWS = 100;

const DAY_MS = 86_400_000;

export type ArchiveAddress = Pick<BusAddress, "account" | "region" | "name">;

export function archiveKey({ account, region, name }: ArchiveAddress): string {
  return compositeKey(account, region, name);
}

export function archiveArn({ account, region, name }: ArchiveAddress): string {
  return `arn:aws:events:${region}:${account}:archive/${name}`;
}

/** Where an archive is: in the account and Region of its bus. */
export function addressOf({ bus, name }: Pick<Archive, "bus" | "name">): ArchiveAddress {
  return { account: bus.account, region: bus.region, name };
}

const ARCHIVE_ARN = /^arn:aws[\w-]*:events:([^:]+):(\d{12}):archive\/([^/]+)$/;

/** Reads the ARN of an archive; `undefined` for every other text. */
export function parseArchiveArn(arn: string): ArchiveAddress | undefined {
  const [, region, account, name] = ARCHIVE_ARN.exec(arn) ?? [];
  return region && account && name ? { account, region, name } : undefined;
}

export async function getArchive(reader: Reader, address: ArchiveAddress): Promise<Archive> {
  const archive = await reader.get(ARCHIVES, archiveKey(address));
  if (archive === undefined) throw notFound(`Archive ${address.name} does not exist.`);
  return archive;
}

export function archivedKey({
  archiveId,
  timeMs,
  sequence,
}: Omit<ArchivedEvent, "archivedMs" | "eventId" | "text">): string {
  return compositeKey(archiveId, timeMs - TIME_MS_MIN, sequence);
}

/** Where the events of a time begin in an archive, which may be before 1970. */
export function archivedFrom(archiveId: string, timeMs: number): string {
  const clamped = Math.min(Math.max(timeMs, TIME_MS_MIN), TIME_MS_MAX + 1);
  return compositeKey(archiveId, clamped - TIME_MS_MIN);
}

/** Whether an archive still has an event. */
export function isKept({ retentionDays }: Archive, { archivedMs }: ArchivedEvent, nowMs: number): boolean {
  return retentionDays === 0 || archivedMs + retentionDays * DAY_MS > nowMs;
}

/** Adds events to an archive, in the unit of whoever has them. */
export async function appendArchived(
  unit: Unit,
  platform: Platform,
  archive: Archive,
  events: readonly Pick<ArchivedEvent, "timeMs" | "eventId" | "text">[],
): Promise<void> {
  const archivedMs = platform.clock.now();
  const usage = (await unit.get(ARCHIVE_USAGES, archive.id)) ?? NO_USAGE;
  for (const [index, event] of events.entries()) {
    const archived = { ...event, archiveId: archive.id, sequence: usage.next + index, archivedMs };
    unit.put(ARCHIVED, archivedKey(archived), archived);
  }
  unit.put(ARCHIVE_USAGES, archive.id, {
    events: usage.events + events.length,
    bytes: events.reduce((bytes, { text }) => bytes + Buffer.byteLength(text), usage.bytes),
    next: usage.next + events.length,
  });
  // An archive with events and a retention has one timer, for the oldest.
  if (usage.events === 0 && archive.retentionDays > 0) {
    scheduleExpiry(unit, platform, archive, archivedMs + archive.retentionDays * DAY_MS);
  }
}

/** Has an archive looked at when its oldest event may be past its retention. */
export function scheduleExpiry(unit: Unit, platform: Platform, archive: Archive, dueMs: number): void {
  const payload = archiveKey(addressOf(archive));
  platform.flow.schedule(unit, { id: `${EXPIRE}/${archive.id}`, kind: EXPIRE, dueMs, payload });
}

/** Gives up all that was in an archive. */
export function discardArchive(unit: Unit, platform: Platform, id: string): void {
  platform.flow.cancel(unit, `${EXPIRE}/${id}`);
  platform.flow.schedule(unit, { id: `${DISCARD}/${id}`, kind: DISCARD, dueMs: platform.clock.now(), payload: id });
}

/** Declares the clean-ups. */
export function startArchives(platform: Platform): void {
  platform.flow.onTimer(EXPIRE, (unit, timer) => expire(unit, platform, String(timer.payload)));
  platform.flow.onTimer(DISCARD, async (unit, timer) => {
    const id = String(timer.payload);
    const page = await unit.list(ARCHIVED, { prefix: compositeKey(id, ""), limit: STEP_ROWS });
    for (const event of page.documents) unit.delete(ARCHIVED, archivedKey(event));
    unit.delete(ARCHIVE_USAGES, id);
    if (page.next !== undefined) discardArchive(unit, platform, id);
  });
}

async function expire(unit: Unit, platform: Platform, key: string): Promise<void> {
  const archive = await unit.get(ARCHIVES, key);
  if (archive === undefined || archive.retentionDays === 0) return;
  const nowMs = platform.clock.now();
  const range = { index: "arrival", prefix: compositeKey(archive.id, "") };
  const page = await unit.list(ARCHIVED, { ...range, limit: STEP_ROWS });
  const expired = page.documents.filter((event) => !isKept(archive, event, nowMs));
  await deleteEvents(unit, archive, expired);
  const oldest = page.documents[expired.length];
  // Nobody sees what waits to be deleted, so a day's worth goes together.
  if (oldest) scheduleExpiry(unit, platform, archive, oldest.archivedMs + (archive.retentionDays + 1) * DAY_MS);
  else if (page.next !== undefined) scheduleExpiry(unit, platform, archive, nowMs);
}

async function deleteEvents(unit: Unit, { id }: Archive, events: readonly ArchivedEvent[]): Promise<void> {
  if (events.length === 0) return;
  for (const event of events) unit.delete(ARCHIVED, archivedKey(event));
  const usage = (await unit.get(ARCHIVE_USAGES, id)) ?? NO_USAGE;
  unit.put(ARCHIVE_USAGES, id, {
    ...usage,
    events: usage.events - events.length,
    bytes: events.reduce((bytes, { text }) => bytes - Buffer.byteLength(text), usage.bytes),
  });
}
