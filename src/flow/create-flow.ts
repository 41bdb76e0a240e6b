import { ATTEMPTS_LOG } from "./attempts.ts";
import { Bell } from "./bell.ts";
import { LogConsumer } from "./consumer.ts";
import { Deliveries } from "./delivery.ts";
import { DeliveryWorkers } from "./delivery-workers.ts";
import type { Flow, FlowOptions, Work } from "./flow.ts";
import type { FlowContext } from "./flow-context.ts";
import { Loop } from "./loop.ts";
import { createMetrics } from "./metrics.ts";
import { createOwedDeliveries } from "./owed.ts";
import { createCountPassed } from "./passed.ts";
import { Trimmer } from "./retention.ts";
import { Scheduler } from "./scheduler.ts";
import { send } from "./send.ts";
import { createSinkTable } from "./sinks.ts";

export function createFlow(options: FlowOptions): Flow {
  const { store, wall } = options;
  const sinks = createSinkTable();
  const metrics = createMetrics();
  const countPassed = createCountPassed(metrics);
  const activity = new Bell();
  const context: FlowContext = { ...options, metrics, countPassed, activity, findSink: sinks.find };

  const scheduler = new Scheduler(context);
  const deliveries = new Deliveries(context);
  const workers = new DeliveryWorkers(context, deliveries);
  const trimmer = new Trimmer(context);
  const consumers = new Set<LogConsumer>();
  const loops = new Set<Loop>();
  /** Those that were woken before the start. */
  const wokenEarly = new Set<Loop>();
  const works: Work[] = [];
  let started = false;

  async function quiet(): Promise<boolean> {
    for (const consumer of consumers) if (!consumer.isQuiet) return false;
    for (const loop of loops) if (loop.busy) return false;
    for (const work of works) if (!(await work.quiet())) return false;
    return (await scheduler.quiet()) && (await workers.quiet());
  }

  return {
    onTimer: (kind, handle) => scheduler.onTimer(kind, handle),
    schedule: (unit, timer) => scheduler.schedule(unit, timer),
    cancel: (unit, timerId) => scheduler.cancel(unit, timerId),

    consume(consumerOptions) {
      const consumer = new LogConsumer(context, consumerOptions, {
        onPassed: (log, entries) => trimmer.passed(log, entries),
        onStopped: (stopped) => consumers.delete(stopped),
      });
      consumers.add(consumer);
      if (started) consumer.start();
      return consumer;
    },

    loop(name, pass) {
      const loop = new Loop(name, context, pass);
      loops.add(loop);
      return {
        wake: () => (started ? loop.wake() : void wokenEarly.add(loop)),
        async stop() {
          await loop.stop();
          loops.delete(loop);
        },
        get stopped() {
          return loop.stopped;
        },
      };
    },

    sink: (service, resourcePrefix, sink) => sinks.declare(service, resourcePrefix, sink),
    findSink: sinks.find,
    owed: createOwedDeliveries(context, deliveries, workers),
    send: (unit, messages) => send(unit, messages, deliveries, sinks.find),

    work: (work) => void works.push(work),
    ring: () => activity.ring(),

    async start() {
      await store.commitUnsynced(async (unit) => unit.declareLog(ATTEMPTS_LOG));
      started = true;
      for (const consumer of consumers) consumer.start();
      for (const loop of wokenEarly) loop.wake();
      wokenEarly.clear();
      scheduler.start();
      await workers.start();
      trimmer.start();
    },

    async drained(timeoutMs) {
      const { rings: before } = activity;
      if ((await quiet()) && activity.rings === before) return true;
      using deadline = startDeadline(wall, timeoutMs);
      for (;;) {
        const { rings } = activity;
        const change = activity.next();
        if ((await quiet()) && activity.rings === rings) return true;
        if (deadline.passed) return false;
        await Promise.race([change, deadline.reached]);
      }
    },

    running: () => [
      ...[...consumers].flatMap((consumer) => consumer.running()),
      ...[...loops].filter(({ busy }) => busy).map(({ name }) => name),
      ...scheduler.running(),
      ...workers.running(),
      ...works.flatMap((work) => work.running()),
    ],

    async nextDueMs() {
      const others = await Promise.all(works.map((work) => work.nextDueMs()));
      const dueMs = [await scheduler.nextDueMs(), await workers.nextDueMs(), ...others].filter(
        (ms) => ms !== undefined,
      );
      return dueMs.length > 0 ? Math.min(...dueMs) : undefined;
    },

    async stop() {
      started = false;
      await Promise.all([...consumers, ...loops].map((running) => running.stop()));
      await Promise.all([scheduler.stop(), workers.stop(), trimmer.stop()]);
    },

    metrics,
    countPassed,
  };
}

function startDeadline(
  wall: FlowOptions["wall"],
  timeoutMs: number,
): Disposable & { readonly passed: boolean; readonly reached: Promise<void> } {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let passed = false;
  const timer = wall.after(timeoutMs, () => {
    passed = true;
    resolve();
  });
  return {
    get passed() {
      return passed;
    },
    reached,
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
