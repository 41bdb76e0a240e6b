import assert from "node:assert/strict";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { busLogName, DEFAULT_BUS } from "./bus.ts";
import { eventText } from "./event.ts";
import { openBus } from "./open-bus.ts";

/** An event that a service tells of itself. */
export interface ServiceEvent {
  readonly account: string;
  readonly region: string;
  /** `aws.connect` and the like. */
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  /** Plain JSON. */
  readonly detail: object;
  readonly timeMs: number;
  /** What the event is about (a contact's id): events of one key are routed in the order of their commits. */
  readonly key: string;
  /** A UUID that does not change when the unit runs again. */
  readonly id: string;
}

/** Appends an event to its account's default bus, in the unit of the change that it tells of. */
export async function putServiceEvent(unit: Unit, platform: Platform, event: ServiceEvent): Promise<void> {
  const { account, region, key, detail } = event;
  const bus = await openBus(unit, platform, { account, region, name: DEFAULT_BUS });
  assert(bus, "The default bus is always there");
  unit.append(busLogName(bus), key, eventText({ ...event, detail: JSON.stringify(detail) }));
}
