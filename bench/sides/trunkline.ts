/**
 * Ourselves, in a process of our own, as `trunkline start` runs it. `--sync-delay-ms N` makes every sync of the disk N ms
 * slower; `--count` counts what is done with the store, which costs a little; `--no-call-log` keeps no calls. Answers to the message "delay" with the event-loop
 * delay since the last such message, and to "usage" with what the process has used since it began. Prints its port.
 */
import { fdatasync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs, promisify } from "node:util";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { LogHeads } from "../../src/store/log-heads.ts";
import { SqliteUnit } from "../../src/store/sqlite-unit.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    clock: { type: "string" },
    init: { type: "string" },
    "sync-delay-ms": { type: "string" },
    count: { type: "boolean", default: false },
    "no-call-log": { type: "boolean", default: false },
  },
});
const delayMs = Number(values["sync-delay-ms"] ?? 0);
const sync = promisify(fdatasync);
const counts: Record<string, number> = { syncs: 0 };
if (values.count) {
  for (const method of ["put", "delete", "append", "get", "list"] as const) countCalls(SqliteUnit.prototype, method);
  countCalls(LogHeads.prototype, "write", "commits");
}

const app = await startApp(
  readConfig(
    ["--port", "0", "--data", values.data ?? ":memory:", "--clock", values.clock ?? "real", "--log-level", "error"],
    { TRUNKLINE_INIT: values.init },
  ),
  {
    keepsCalls: !values["no-call-log"],
    sync: async (descriptor) => {
      counts.syncs = (counts.syncs ?? 0) + 1;
      await sync(descriptor);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    },
  },
);

// From the first question on: it wakes the process a thousand times a second, which is 3 % of a core.
const delay = monitorEventLoopDelay({ resolution: 1 });
process.on("message", (asked) => {
  if (asked === "usage") return void process.send?.(usage());
  delay.enable();
  process.send?.({
    p99Ms: delay.percentile(99) / 1e6,
    maxMs: delay.max / 1e6,
    residentBytes: process.memoryUsage.rss(),
  });
  delay.reset();
});
process.on("SIGTERM", () => void app.close().then(() => process.exit(0)));
console.log(JSON.stringify({ port: Number(new URL(app.url).port) }));

function usage(): Record<string, number> {
  const { user, system } = process.cpuUsage();
  const main = process.threadCpuUsage();
  // Memory is what is in use, not what nobody has collected yet.
  globalThis.gc?.();
  return {
    cpuMs: (user + system) / 1000,
    mainThreadMs: (main.user + main.system) / 1000,
    writtenBytes: writtenBytes(),
    heapBytes: process.memoryUsage().heapUsed,
    residentBytes: process.memoryUsage.rss(),
    bufferBytes: process.memoryUsage().arrayBuffers,
    ...counts,
  };
}

/** Bytes handed to the kernel by writes; 0 where it does not tell. */
function writtenBytes(): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function countCalls<K extends string>(of: Record<K, (...args: never[]) => unknown>, method: K, name: string = method) {
  const call = of[method] as (...args: unknown[]) => unknown;
  counts[name] = 0;
  of[method] = function (this: unknown, ...args: unknown[]) {
    counts[name] = (counts[name] ?? 0) + 1;
    return call.apply(this, args);
  };
}
