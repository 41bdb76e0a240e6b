/**
 * The contacts of an instance as people look at them: the newest first, by what they do now. SearchContacts cannot tell that (it knows no
 * states), and counts all of its range for the first page.
 */
import type { Channel } from "@aws-sdk/client-connect";
import type { Reader } from "../../store/store.ts";
import { keptReader } from "../kept-reader.ts";
import { cutPage, pageStart } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { wasQueued } from "./contact-figures.ts";
import { stageOf } from "./contact-stages.ts";
import { type Contact, contacts, retainedUntilMs } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { queues } from "./queues.ts";
import { users } from "./users.ts";

export const CONTACT_STAGES = ["in-flow", "waiting", "with-agent", "after-contact", "ended"] as const;
/** What a contact does now. `after-contact`: its customer is gone, its agent still works on it. */
export type ContactStage = (typeof CONTACT_STAGES)[number];

export const CONTACT_OUTCOMES = ["handled", "abandoned"] as const;
/** What became of a contact that has ended, as the metrics count it: an agent had it, or nobody took it from its queue. */
export type ContactOutcome = (typeof CONTACT_OUTCOMES)[number];

export interface ContactListing {
  readonly instanceId: string;
  readonly outcome?: ContactOutcome | undefined;
  readonly stage?: ContactStage | undefined;
  readonly channel?: Channel | undefined;
  readonly queueId?: string | undefined;
  readonly agentId?: string | undefined;
  /** Looked for in the contact's id, its customer's address, its name and the id of its customer. */
  readonly text?: string | undefined;
  readonly limit: number;
  readonly token?: string | undefined;
}

/** One of them. Times are ISO 8601. */
export interface ListedContact {
  readonly id: string;
  readonly stage: ContactStage;
  readonly channel: Channel;
  readonly initiationMethod: string;
  readonly customer?: string | undefined;
  readonly name?: string | undefined;
  readonly queue?: { readonly id: string; readonly name?: string | undefined };
  readonly agent?: { readonly id: string; readonly name?: string | undefined };
  readonly began: string;
  readonly queued?: string | undefined;
  readonly connected?: string | undefined;
  readonly ended?: string | undefined;
  readonly reason?: string | undefined;
}

export interface ListedContacts {
  readonly contacts: readonly ListedContact[];
  /** Where to go on: also behind a page that is not full, since one request looks at so many contacts and no more. */
  readonly next?: string | undefined;
}

/** Contacts that one request looks at. */
const LOOKED_AT_MAX = 4_000;
/** Documents read at once. */
const READ_SIZE = 200;
/** A number that sorts behind every time. */
const LAST = Number.MAX_SAFE_INTEGER;

export async function listContacts(context: Context, listing: ContactListing): Promise<ListedContacts> {
  const instance = await getInstance(context.store, context, listing.instanceId);
  const { token, ...asked } = listing;
  const of = ["ListContacts", instanceKey(instance), JSON.stringify({ ...asked, limit: undefined })];
  const refuse = () => invalidParameter("after is not what an earlier page answered as next");
  const behind = token === undefined ? undefined : placeOf(pageStart({ of, token, refuse }) ?? "");
  const keep = (contact: Contact): boolean =>
    retainedUntilMs(contact.initiationMs) > context.clock.now() && isWanted(contact, listing);
  const isOpen = listing.stage !== undefined && OPEN_STAGES.includes(listing.stage);
  const read = isOpen ? openContacts : newestContacts;
  const { found, goesOn } = await read(context.store, instance, behind, { keep, limit: listing.limit + 1 });
  const page = cutPage(found, textOfPlace, { of, limit: listing.limit });
  const names = keptReader(context.store);
  return {
    contacts: await Promise.all(page.items.map((contact) => listed(names, instance, contact))),
    next: page.nextToken ?? (goesOn && cutPage([goesOn, goesOn], textOfPlace, { of, limit: 1 }).nextToken) ?? undefined,
  };
}

const OPEN_STAGES: readonly ContactStage[] = ["in-flow", "waiting", "with-agent"];

/** Where a contact stands among the newest. */
interface Place {
  readonly initiationMs: number;
  readonly id: string;
}

function textOfPlace({ initiationMs, id }: Place): string {
  return `${initiationMs} ${id}`;
}

function placeOf(text: string): Place {
  const [initiationMs, id = ""] = text.split(" ");
  return { initiationMs: Number(initiationMs), id };
}

interface Found {
  readonly found: readonly Contact[];
  /** The last that was looked at, where there may be more behind it that are wanted. */
  readonly goesOn?: Place | undefined;
}

interface Wanted {
  keep(contact: Contact): boolean;
  readonly limit: number;
}

async function newestContacts(
  reader: Reader,
  instance: InstanceRef,
  behind: Place | undefined,
  { keep, limit }: Wanted,
): Promise<Found> {
  const range = {
    index: "initiated",
    descending: true,
    from: instanceKey(instance, 0, ""),
    before: behind ? instanceKey(instance, behind.initiationMs, behind.id) : instanceKey(instance, LAST, ""),
    limit: READ_SIZE,
  };
  const found: Contact[] = [];
  let lookedAt = 0;
  let after: string | undefined;
  do {
    const page = await reader.list(contacts, { ...range, after });
    for (const contact of page.documents) {
      if (keep(contact)) found.push(contact);
      if (found.length === limit) return { found };
    }
    lookedAt += page.documents.length;
    after = page.next;
    if (after !== undefined && lookedAt >= LOOKED_AT_MAX) return { found, goesOn: page.documents.at(-1) };
  } while (after !== undefined);
  return { found };
}

/** Of those that go on there are never so many: they are found by themselves, in no order of time. */
async function openContacts(
  reader: Reader,
  instance: InstanceRef,
  behind: Place | undefined,
  { keep, limit }: Wanted,
): Promise<Found> {
  const range = { index: "open", prefix: instanceKey(instance, ""), limit: READ_SIZE };
  const found: Contact[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(contacts, { ...range, after });
    found.push(...page.documents.filter((contact) => keep(contact) && (!behind || isOlder(contact, behind))));
    after = page.next;
  } while (after !== undefined);
  found.sort((left, right) => (isOlder(left, right) ? 1 : -1));
  return { found: found.slice(0, limit) };
}

function isOlder(contact: Place, than: Place): boolean {
  if (contact.initiationMs !== than.initiationMs) return contact.initiationMs < than.initiationMs;
  return contact.id < than.id;
}

function isWanted(contact: Contact, { stage, outcome, channel, queueId, agentId, text }: ContactListing): boolean {
  return (
    (outcome === undefined || outcomeOf(contact) === outcome) &&
    (stage === undefined || (stageOf(contact) ?? "ended") === stage) &&
    (channel === undefined || contact.channel === channel) &&
    (queueId === undefined || contact.queue?.id === queueId) &&
    (agentId === undefined || contact.agent?.id === agentId || contact.offer?.agentId === agentId) &&
    (text === undefined || textsOf(contact).some((one) => one?.toLowerCase().includes(text.toLowerCase())))
  );
}

function outcomeOf(contact: Contact): ContactOutcome | undefined {
  if (contact.disconnectMs === undefined) return undefined;
  if (contact.agent) return "handled";
  const wentOn = contact.nextContactId !== undefined || contact.transferCompletedMs !== undefined;
  return contact.queue && wasQueued(contact) && !wentOn ? "abandoned" : undefined;
}

function textsOf({ id, name, customerId, customerEndpoint }: Contact): (string | undefined)[] {
  return [id, name, customerId, customerEndpoint?.address, customerEndpoint?.displayName];
}

async function listed(reader: Reader, instance: InstanceRef, contact: Contact): Promise<ListedContact> {
  const { queue, agent, customerEndpoint } = contact;
  return {
    id: contact.id,
    stage: stageOf(contact) ?? "ended",
    channel: contact.channel,
    initiationMethod: contact.initiationMethod,
    customer: customerEndpoint?.address,
    name: contact.name,
    ...(queue && {
      queue: { id: queue.id, name: (await reader.get(queues, resourceKey({ ...instance, id: queue.id })))?.name },
    }),
    ...(agent && {
      agent: { id: agent.id, name: (await reader.get(users, resourceKey({ ...instance, id: agent.id })))?.name },
    }),
    began: new Date(contact.initiationMs).toISOString(),
    queued: isoOf(queue?.enqueueMs),
    connected: isoOf(agent?.connectedMs),
    ended: isoOf(contact.disconnectMs),
    reason: contact.disconnectReason,
  };
}

function isoOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
