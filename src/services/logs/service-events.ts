import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { appendEvents, eventBytes } from "./events.ts";
import { EVENT_BYTES_MAX } from "./limits.ts";
import { groupKey, type LogGroup, logGroups } from "./log-group.ts";
import { logStreams, newStream, streamKey } from "./log-stream.ts";

/**
 * Events that another service writes to a log group of its own, which comes into being with the first of them. One that is too long
 * for CloudWatch Logs is left out.
 */
export async function appendServiceEvents(
  unit: Unit,
  platform: Pick<Platform, "clock" | "flow">,
  to: { readonly account: string; readonly region: string; readonly group: string; readonly stream: string },
  events: readonly { readonly timestampMs: number; readonly message: string }[],
): Promise<void> {
  const { account, region, group: name, stream: streamName } = to;
  const nowMs = platform.clock.now();
  const key = groupKey({ account, region, name });
  const found = await unit.get(logGroups, key);
  // Ids of new ones must be the same when the unit runs again.
  const group: LogGroup = found ?? {
    account,
    region,
    name,
    id: derivedUuid(key, String(nowMs)),
    createdMs: nowMs,
    groupClass: "STANDARD",
    deletionProtected: false,
    tags: {},
  };
  if (!found) unit.put(logGroups, key, group);
  const fitting = events.filter(({ message }) => eventBytes(message) <= EVENT_BYTES_MAX);
  if (fitting.length === 0) return;
  const stream = await unit.get(logStreams, streamKey({ groupId: group.id, name: streamName }));
  const id = derivedUuid(group.id, streamName, String(nowMs));
  await appendEvents(unit, platform, group, stream ?? newStream(group, streamName, id, nowMs), fitting);
}
