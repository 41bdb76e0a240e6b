import type { LogDeclaration, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { BUSES, type Bus, type BusAddress, busKey, busLogName, DEFAULT_BUS } from "./bus.ts";
import { routersOf } from "./routers.ts";

/** Finds a bus to append to or to change. A default bus gets its document and its log at this occasion. */
export async function openBus(unit: Unit, platform: Platform, address: BusAddress): Promise<Bus | undefined> {
  const found = await unit.get(BUSES, busKey(address));
  if (found !== undefined || address.name !== DEFAULT_BUS) return found;
  const nowMs = platform.clock.now();
  return createBus(unit, platform, { ...address, tags: [], createdMs: nowMs, modifiedMs: nowMs });
}

/** Writes a new bus with its log, whose router runs as soon as the unit is committed. */
export function createBus(unit: Unit, platform: Platform, bus: Bus): Bus {
  unit.put(BUSES, busKey(bus), bus);
  unit.declareLog(busLog(bus));
  unit.afterCommit(() => routersOf(platform).run(bus));
  return bus;
}

/**
 * The router reads within milliseconds, so a bus would need to keep nothing. What is kept beyond that is for eyes: `trunkline tail`
 * shows the last minute of a quiet bus. Under load the bytes end it sooner; 16 MiB are about a second at 10,000 events a second, so that
 * a busy bus costs no more disk than a quiet one.
 */
export function busLog(address: BusAddress): LogDeclaration {
  return { name: busLogName(address), keepMs: 60_000, keepBytes: 16 * 1024 * 1024 };
}
