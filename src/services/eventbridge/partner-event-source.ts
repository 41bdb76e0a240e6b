import type { EventSourceState } from "@aws-sdk/client-eventbridge";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { BusAddress } from "./bus.ts";
import { notFound } from "./errors.ts";

/**
 * A partner event source as a partner offers it to an account. The account accepts it by an event bus of the same name, which makes it
 * ACTIVE; without one it is PENDING, and what the partner tells goes nowhere. Deleted by the partner it stays, DELETED, with its bus.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-saas.html
 */
export interface PartnerEventSource extends BusAddress {
  /** Account of the partner who made it. */
  readonly partner: string;
  readonly state: EventSourceState;
  readonly createdMs: number;
  /** When a PENDING one is forgotten. */
  readonly expiresMs?: number | undefined;
}

export const PARTNER_SOURCES: Collection<PartnerEventSource> = collection("eventbridge_partner_source", {
  /** Those of a partner by name, and each with the accounts that it is offered to. */
  partner: {
    type: "text",
    value: ({ partner, region, name, account }) => compositeKey(partner, region, name, account),
  },
});

/** "If it remains in the PENDING state for more than two weeks, it is deleted." */
export const PENDING_MS: number = 14 * 24 * 3_600_000;

export function partnerSourceKey({ account, region, name }: BusAddress): string {
  return compositeKey(account, region, name);
}

/** Of no account: partners' own. */
export function partnerSourceArn({ region, name }: Pick<PartnerEventSource, "region" | "name">): string {
  return `arn:aws:events:${region}::event-source/${name}`;
}

export function isThere({ state, expiresMs = 0 }: PartnerEventSource, nowMs: number): boolean {
  return state !== "PENDING" || expiresMs > nowMs;
}

export async function findPartnerSource(
  reader: Reader,
  address: BusAddress,
  nowMs: number,
): Promise<PartnerEventSource | undefined> {
  const found = await reader.get(PARTNER_SOURCES, partnerSourceKey(address));
  return found && isThere(found, nowMs) ? found : undefined;
}

export async function getPartnerSource(
  reader: Reader,
  address: BusAddress,
  nowMs: number,
): Promise<PartnerEventSource> {
  const found = await findPartnerSource(reader, address, nowMs);
  if (!found) throw notFound(`Event source ${address.name} does not exist.`);
  return found;
}

/** Offers an account a source of its own, if it has none of this name. */
export async function offerPartnerSource(unit: Unit, address: BusAddress, nowMs: number): Promise<void> {
  if (await findPartnerSource(unit, address, nowMs)) return;
  const { account, region, name } = address;
  const expiresMs = nowMs + PENDING_MS;
  putPartnerSource(unit, { account, region, name, partner: account, state: "PENDING", createdMs: nowMs, expiresMs });
}

export function putPartnerSource(unit: Unit, source: PartnerEventSource): void {
  unit.put(PARTNER_SOURCES, partnerSourceKey(source), source);
}

/** The account has let go of its bus: what the partner still offers waits again, what they have deleted is gone. */
export async function partnerBusDeleted(unit: Unit, bus: BusAddress, nowMs: number): Promise<void> {
  const source = await unit.get(PARTNER_SOURCES, partnerSourceKey(bus));
  if (source?.state === "DELETED") unit.delete(PARTNER_SOURCES, partnerSourceKey(bus));
  else if (source) putPartnerSource(unit, { ...source, state: "PENDING", expiresMs: nowMs + PENDING_MS });
}
