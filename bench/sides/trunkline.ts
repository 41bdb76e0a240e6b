/**
 * Ourselves, in a process of our own, as `trunkline start` runs it. `--sync-delay-ms N` makes every sync of the disk N ms
 * slower. Answers to the message "delay" with the event-loop delay since the last such message. Prints its port.
 */
import { fdatasync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs, promisify } from "node:util";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";

const { values } = parseArgs({ options: { data: { type: "string" }, "sync-delay-ms": { type: "string" } } });
const delayMs = Number(values["sync-delay-ms"] ?? 0);
const sync = promisify(fdatasync);

const app = await startApp(
  readConfig(["--port", "0", "--data", values.data ?? ":memory:", "--log-level", "error"], {}),
  delayMs > 0
    ? {
        sync: async (descriptor) => {
          await sync(descriptor);
          await new Promise((resolve) => setTimeout(resolve, delayMs));
        },
      }
    : {},
);

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on("message", () => {
  process.send?.({
    p99Ms: delay.percentile(99) / 1e6,
    maxMs: delay.max / 1e6,
    residentBytes: process.memoryUsage.rss(),
  });
  delay.reset();
});
process.on("SIGTERM", () => void app.close().then(() => process.exit(0)));
console.log(JSON.stringify({ port: Number(new URL(app.url).port) }));
