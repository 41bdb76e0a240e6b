import { setImmediate } from "node:timers/promises";
import type { Platform } from "../services/service.ts";
import type { Caller, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import type { AccountCalls, CallLog, KeptCall } from "./call-log.ts";
import { pushed } from "./pushed.ts";

const LISTED = 100;
const LISTED_MAX = 500;
/** What is pushed at once. A reader who is slower than the calls misses some, and is told how many. */
const PUSHED_MAX = 200;
/** Calls that are looked at without a break. */
const LOOKED_AT_ONCE = 100;

const PARAMETERS = [
  "service",
  "operation",
  "status",
  "principal",
  "text",
  "console",
  "after",
  "before",
  "limit",
  "follow",
];

/** Whether a call is asked for. */
type Filter = (call: KeptCall) => boolean;

/**
 * `GET /_trunkline/calls?service=&operation=&status=&principal=&text=&console=&after=&before=&limit=`: the calls of operations in the
 * caller's account and Region that are kept, the newest first, a page at a time (`next` is the `before` of the next page). With
 * `follow=true` they are pushed instead as they are answered, a JSON document a line, the oldest first, from `after` on.
 */
export async function calls(
  { wall }: Platform,
  log: CallLog,
  caller: Caller,
  request: PlainRequest,
): Promise<PlainResponse> {
  const query = new URLSearchParams(request.query);
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    return failure(400, `There is no parameter ${unknown}: there are ${PARAMETERS.join(", ")}`);
  const filter = filterOf(query, caller.region);
  if (typeof filter === "string") return failure(400, filter);
  const kept = log.of(caller.account);
  const [after, before] = [numberOf(query, "after"), numberOf(query, "before")];
  const limit = numberOf(query, "limit") ?? LISTED;
  if (Number.isNaN(after) || Number.isNaN(before)) return failure(400, "after and before are numbers of calls");
  if (!(limit >= 1 && limit <= LISTED_MAX)) return failure(400, `limit is a number from 1 to ${LISTED_MAX}`);
  if (query.get("follow") === "true") {
    return pushed(
      newCalls(() => log.of(caller.account), filter, after ?? kept.newest, request.signal),
      wall,
    );
  }
  const wanted = await askedFor([...kept.between(after ?? 0, before ?? Number.POSITIVE_INFINITY)], filter, limit + 1);
  const found = wanted.slice(0, limit);
  const next = wanted.length > limit ? found.at(-1)?.number : undefined;
  const now = new Date(wall.now()).toISOString();
  return json({ now, newest: kept.newest, calls: found.map(shown), ...(next !== undefined && { next }) });
}

async function* newCalls(
  calls: () => AccountCalls,
  filter: Filter,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const wake = (): void => calls().wake();
  signal.addEventListener("abort", wake, { once: true });
  for (let after = from; !signal.aborted; ) {
    const kept = calls();
    const rung = kept.next();
    const found = [...kept.between(after, Number.POSITIVE_INFINITY)];
    after = found[0]?.number ?? after;
    const asked = await askedFor(found, filter);
    if (asked.length === 0) {
      await rung;
      continue;
    }
    const missed = asked.length - PUSHED_MAX;
    const lines = asked.slice(0, PUSHED_MAX).reverse().map(shown);
    yield [...(missed > 0 ? [{ missed }] : []), ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
  }
}

/** The first of some calls that meet a filter. To look for a text in all that are kept takes long: others have room between. */
async function askedFor(calls: readonly KeptCall[], filter: Filter, most = calls.length): Promise<readonly KeptCall[]> {
  const asked: KeptCall[] = [];
  for (const [place, call] of calls.entries()) {
    if (filter(call)) asked.push(call);
    if (asked.length === most) break;
    if (place % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) await setImmediate();
  }
  return asked;
}

/** What a call must meet, or what is wrong with the question. */
function filterOf(query: URLSearchParams, region: string): Filter | string {
  const [service, operation, principal] = ["service", "operation", "principal"].map((name) =>
    query.get(name)?.toLowerCase(),
  );
  const text = query.get("text")?.toLowerCase();
  const status = query.get("status") ?? "";
  if (!/^([1-5]\d\d|[1-5]xx|ok|error|)$/.test(status)) return "status is one such as 400, 4xx, ok or error";
  const withConsole = query.get("console") ?? "include";
  if (!["include", "exclude", "only"].includes(withConsole)) return "console is include, exclude or only";
  return (call) =>
    call.region === region &&
    (!service || call.service === service) &&
    (!operation || call.operation.toLowerCase().includes(operation)) &&
    (!principal ||
      call.principalArn.toLowerCase().includes(principal) ||
      call.accessKeyId.toLowerCase() === principal) &&
    meetsStatus(status, call.status) &&
    (withConsole === "include" || (call.via === "console") === (withConsole === "only")) &&
    (!text || textOf(call).includes(text));
}

function meetsStatus(wanted: string, status: number): boolean {
  if (wanted === "") return true;
  if (wanted === "ok") return status < 400;
  if (wanted === "error") return status >= 400;
  return wanted.endsWith("xx") ? String(status)[0] === wanted[0] : status === Number(wanted);
}

function textOf({ service, operation, code = "", message = "", requestId, userAgent = "", input }: KeptCall): string {
  return [service, operation, code, message, requestId, userAgent, JSON.stringify(input)].join("\n").toLowerCase();
}

function shown({ atMs, ...call }: KeptCall): object {
  return { ...call, time: new Date(atMs).toISOString(), durationMs: Math.round(call.durationMs * 100) / 100 };
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
