import { Bell } from "../flow/index.ts";
import { type BusTail, tailBus } from "../services/eventbridge/index.ts";
import { type StreamTail, type TailedRecord, tailStream } from "../services/kinesis/index.ts";
import type { Platform } from "../services/service.ts";
import type { Caller, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { pushed } from "./pushed.ts";

/**
 * `GET /_trunkline/live?name=STREAM-OR-BUS&from=oldest|newest`: what arrives there, one JSON document a line, as it arrives. Events
 * as they are; records as the API shows them, with their data as text where it is text and else in base64. With `follow=false` the answer ends
 * with what is there now.
 *
 * A name that is both a stream's and a bus's means the stream; `event-bus/NAME` always means the bus.
 */
export async function live(platform: Platform, caller: Caller, request: PlainRequest): Promise<PlainResponse> {
  const query = new URLSearchParams(request.query);
  const name = query.get("name") ?? "";
  const from = query.get("from") ?? "newest";
  if (from !== "oldest" && from !== "newest") return failure(400, "from is oldest or newest");
  const follow = query.get("follow") ?? "true";
  if (follow !== "true" && follow !== "false") return failure(400, "follow is true or false");

  const bell = new Bell();
  const tail = await tailOf(platform, caller, { name, from }, bell.ring);
  if (tail === undefined) return failure(404, `There is no stream and no event bus ${name} in ${caller.region}`);
  return pushed(lines(platform, tail, bell, { signal: request.signal, isFollowing: follow === "true" }), platform.wall);
}

/** Follows the caller's stream or bus of a name, as `live` takes it. `undefined` where there is none. */
export async function tailOf(
  platform: Platform,
  { account, region }: Pick<Caller, "account" | "region">,
  { name, from }: { readonly name: string; readonly from: "oldest" | "newest" },
  ring: () => void,
): Promise<StreamTail | BusTail | undefined> {
  const address = { account, region, name: name.replace(/^event-bus\//, "") };
  const stream = name.startsWith("event-bus/") ? undefined : await tailStream(platform, address, from, ring);
  return stream ?? (await tailBus(platform, address, from, ring));
}

async function* lines(
  { store }: Platform,
  tail: StreamTail | BusTail,
  bell: Bell,
  { signal, isFollowing }: { readonly signal: AbortSignal; readonly isFollowing: boolean },
): AsyncGenerator<string> {
  using _watches = tail;
  signal.addEventListener("abort", bell.ring);
  for (;;) {
    const rung = bell.next();
    const read = await tail.read();
    if (read === undefined || signal.aborted) return;
    if (read.length === 0) {
      if (!isFollowing) return;
      await rung;
      continue;
    }
    // Nothing leaves the process before it is durable.
    await store.durable();
    yield read.map((item) => `${typeof item === "string" ? item : JSON.stringify(shown(item))}\n`).join("");
  }
}

export interface ShownRecord extends Omit<TailedRecord, "Data"> {
  readonly Data: string;
}

/** A record as the API shows it, with its data as text where it is text. */
export function shown(record: TailedRecord): ShownRecord {
  const data = Buffer.from(record.Data ?? []);
  const text = data.toString("utf8");
  return { ...record, Data: Buffer.from(text, "utf8").equals(data) ? text : data.toString("base64") };
}
