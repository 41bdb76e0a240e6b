import type { Consumer, Flow } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { replayLogName } from "./archives/replay.ts";
import { BUSES, type Bus, type BusAddress, busLogName } from "./bus.ts";
import { Router } from "./router.ts";
import type { BusRule, RuleAddress } from "./rule.ts";

/** Names the cursor in the log of a bus, and in that of its replays. */
const ROUTER = "eventbridge-router";

interface RunningRouter {
  readonly router: Router;
  readonly consumer: Consumer;
  /** From the first replay on. */
  replays?: Consumer;
}

/** Buses read at once when routing starts. */
const BUSES_PER_PAGE = 1000;

const all = new WeakMap<Flow, Routers>();

/** The routers of a platform's buses: one place for whoever creates, changes or deletes a bus or a rule to tell it to. */
export function routersOf(platform: Platform): Routers {
  const routers = all.get(platform.flow) ?? new Routers(platform);
  all.set(platform.flow, routers);
  return routers;
}

/** A running router for each bus that has a log. Its methods are called behind commits, in their order. */
export class Routers {
  readonly #platform: Platform;
  readonly #running = new Map<string, RunningRouter>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Runs the routers of all buses that are there already. */
  async start(): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.#platform.store.list<Bus>(BUSES, { limit: BUSES_PER_PAGE, after });
      for (const bus of page.documents) {
        this.run(bus);
        if (await this.#platform.store.findLog(replayLogName(bus))) this.runReplays(bus);
      }
      after = page.next;
    } while (after !== undefined);
  }

  run(bus: BusAddress): void {
    const log = busLogName(bus);
    if (this.#running.has(log)) return;
    const router = new Router(this.#platform, bus);
    const consumer = this.#platform.flow.consume({
      name: ROUTER,
      log,
      handle: (unit, entries, partition) => router.route(unit, entries, partition),
    });
    this.#running.set(log, { router, consumer });
  }

  /** Routes what replays bring, beside what is new: neither waits for the other. */
  runReplays(bus: BusAddress): void {
    const running = this.#running.get(busLogName(bus));
    if (running === undefined) return;
    running.replays ??= this.#platform.flow.consume({
      name: ROUTER,
      log: replayLogName(bus),
      handle: (unit, entries, partition) => running.router.routeReplayed(unit, entries, partition),
    });
  }

  /** Ends the routing of a bus in the unit that deletes it. */
  async end(unit: Unit, bus: BusAddress): Promise<void> {
    const log = busLogName(bus);
    const running = this.#running.get(log);
    await running?.consumer.forget(unit);
    await running?.replays?.forget(unit);
    unit.afterCommit(() => void this.#running.delete(log));
  }

  ruleWritten(rule: BusRule): void {
    this.#routerOf(rule)?.ruleWritten(rule);
  }

  ruleDeleted(rule: RuleAddress): void {
    this.#routerOf(rule)?.ruleDeleted(rule);
  }

  #routerOf({ bus }: RuleAddress): Router | undefined {
    return this.#running.get(busLogName(bus))?.router;
  }
}
