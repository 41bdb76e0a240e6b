import type { Platform } from "../services/service.ts";
import type { Caller, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import type { CallOperation } from "./api.ts";
import { endWatches, findWatch, type Watch } from "./overview-watch.ts";
import { MOMENT_MS, startTotals, totalsHistory } from "./totals-history.ts";

/** Queues that are asked for on the caller's behalf: as many as GetCurrentMetricData takes. */
const QUEUES_MAX = 100;

/**
 * `GET /_trunkline/overview?instance=ID`: pushes, a JSON document a line, once a second, where an instance's contacts are, what its agents
 * do, how its queues are, and what has been counted since the start. The first line also has the `history` of the last quarter of an hour.
 *
 * The picture is made once a second for all who look at the same instance, so many readers cost as much as one.
 */
export async function overview(
  platform: Platform,
  callOperation: CallOperation,
  caller: Caller,
  request: PlainRequest,
): Promise<PlainResponse> {
  const instance = new URLSearchParams(request.query).get("instance") ?? "";
  const refused = instance === "" ? undefined : await refusal(callOperation, caller, instance);
  if (refused) return failure(refused.status, refused.message);
  const { account, region } = caller;
  const watch = findWatch(platform, { account, region, instanceId: instance });
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
    body: pictures(platform, watch, { account, region }, request.signal),
  };
}

/** Begins to keep what was counted; the function that it answers ends that, and whatever is watched, before the store closes. */
export function startOverview(platform: Platform): () => Promise<void> {
  const totals = startTotals(platform);
  return async () => {
    totals[Symbol.dispose]();
    await endWatches(platform);
  };
}

/** Why the caller may not look at an instance: whoever sees these figures may ask for them. */
async function refusal(
  callOperation: CallOperation,
  caller: Caller,
  InstanceId: string,
): Promise<{ readonly status: number; readonly message: string } | undefined> {
  const call = async (operation: string, input: object) => {
    const { status, document } = await callOperation({ model: "connect", operation, input }, caller);
    return { status, document: document as { message: string; QueueSummaryList?: readonly { Id: string }[] } };
  };
  const listed = await call("ListQueues", { InstanceId, QueueTypes: ["STANDARD"], MaxResults: QUEUES_MAX });
  if (listed.status !== 200) return { status: listed.status, message: listed.document.message };
  const Queues = (listed.document.QueueSummaryList ?? []).map(({ Id }) => Id);
  if (Queues.length === 0) return undefined;
  const CurrentMetrics = [{ Name: "CONTACTS_IN_QUEUE", Unit: "COUNT" }];
  const asked = await call("GetCurrentMetricData", { InstanceId, Filters: { Queues }, CurrentMetrics });
  return asked.status === 200 ? undefined : { status: asked.status, message: asked.document.message };
}

/** A reader that is slower than the pictures gets fewer of them: each is whole. */
async function* pictures(
  platform: Platform,
  watch: Watch,
  { account, region }: { readonly account: string; readonly region: string },
  signal: AbortSignal,
): AsyncGenerator<string> {
  using reader = watch.look();
  const first = await reader.next(signal);
  if (first === undefined) return;
  const history = {
    everyMs: MOMENT_MS,
    totals: totalsHistory(platform.store).of(account, region),
    centre: watch.history,
  };
  yield `{"history":${JSON.stringify(history)},${first.slice(1)}\n`;
  for (;;) {
    const line = await reader.next(signal);
    if (line === undefined) return;
    yield `${line}\n`;
  }
}
