/** Flows that run for objects of S3 as they are stored. */
import type { Unit } from "../../store/store.ts";
import { STORED_LOG, type StoredKey } from "../s3/index.ts";
import type { Platform } from "../service.ts";
import { eventSourcePrefix, type Flow, flowRuns, flows, runKey } from "./flow-document.ts";
import { nextWaiting, startRun } from "./flow-runs.ts";
import { isOff } from "./flows.ts";

/** Objects of one run: its document, which is written often, names them. */
const KEYS_PER_RUN = 32;

/** Flows that one bucket starts. */
const FLOWS_MAX = 1000;

/** Follows what is stored in buckets: what is stored together is read by one run. */
export function followObjects(platform: Platform): void {
  platform.flow.consume({
    name: "appflow.objects",
    log: STORED_LOG.name,
    batchEntries: KEYS_PER_RUN,
    async handle(unit, entries) {
      const stored = entries.map(({ value }) => JSON.parse(String(value)) as StoredKey);
      for (const objects of Map.groupBy(stored, ({ bucket }) => bucket).values()) {
        await startFlows(unit, platform, objects);
      }
    },
  });
}

/** `objects`: of one bucket. */
async function startFlows(unit: Unit, platform: Platform, objects: readonly StoredKey[]): Promise<void> {
  const [first] = objects;
  if (!first) return;
  const prefix = eventSourcePrefix(first, "S3", first.bucket);
  const { documents } = await unit.list(flows, { index: "eventSource", prefix, limit: FLOWS_MAX });
  for (const flow of documents) {
    const { BucketPrefix = "" } = flow.plan.source.properties;
    const keys = new Set(objects.map(({ key }) => key).filter((key) => key.startsWith(BucketPrefix)));
    if (keys.size > 0 && !isOff(flow)) await readKeys(unit, platform, flow, [...keys]);
  }
}

/** Has the run that waits last read them too, where it has room, or starts another one. */
async function readKeys(unit: Unit, platform: Platform, flow: Flow, keys: readonly string[]): Promise<void> {
  const waiting = flow.activeRunId === undefined ? undefined : await nextWaiting(unit, flow, "last");
  const known = waiting?.cause === "objects" ? (waiting.keys ?? []) : undefined;
  if (waiting && known && known.length + keys.length <= KEYS_PER_RUN) {
    unit.put(flowRuns, runKey(waiting), { ...waiting, keys: [...new Set([...known, ...keys])] });
  } else await startRun(unit, platform, flow, { cause: "objects", keys });
}
