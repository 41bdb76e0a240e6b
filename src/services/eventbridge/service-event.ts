import assert from "node:assert/strict";
import type { Unit } from "../../store/store.ts";
import { eventDelaysMs } from "../aws-delivery.ts";
import { defaultBusArn, eventSourceId } from "../map-part.ts";
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
  /** The ARN of what tells it, whose connection with the bus it is counted for. */
  readonly teller?: string;
  /** Plain JSON. */
  readonly detail: object;
  readonly timeMs: number;
  /** What the event is about (a contact's id): events of one key are routed in the order of their commits. */
  readonly key: string;
  /** A UUID that does not change when the unit runs again. */
  readonly id: string;
}

/** An event that arrives later, once more for each copy: kept as a durable timer until then. */
const LATE_EVENT = "eventbridge.late-event";

/**
 * Tells an event on its account's default bus, in the unit of the change that it tells of: at once, or with `--deliver-like-aws` late,
 * maybe out of order and twice.
 */
export async function putServiceEvent(unit: Unit, platform: Platform, event: ServiceEvent): Promise<void> {
  const { awsDelivery, flow, clock } = platform;
  if (!awsDelivery) return appendEvent(unit, platform, event);
  for (const [copy, delayMs] of eventDelaysMs(awsDelivery, event.id).entries()) {
    const id = `${LATE_EVENT}:${event.id}:${copy}`;
    flow.schedule(unit, { id, kind: LATE_EVENT, dueMs: clock.now() + delayMs, payload: event });
  }
}

/** Declares what becomes of events that are late: also of those that were told before a restart without the flag. */
export function startLateEvents(platform: Platform): void {
  platform.flow.onTimer(LATE_EVENT, (unit, timer) => appendEvent(unit, platform, timer.payload as ServiceEvent));
}

async function appendEvent(unit: Unit, platform: Platform, event: ServiceEvent): Promise<void> {
  const { account, region, key, detail, source, teller } = event;
  const bus = await openBus(unit, platform, { account, region, name: DEFAULT_BUS });
  assert(bus, "The default bus is always there");
  unit.append(busLogName(bus), key, eventText({ ...event, detail: JSON.stringify(detail) }));
  if (teller === undefined) return;
  const to = eventSourceId(defaultBusArn(event), source);
  unit.afterCommit(() => platform.flow.countPassed({ account, region, from: teller, to }));
}
