import { createHash } from "node:crypto";
import { ModeledError } from "../../models/modeled-error.ts";
import type { PlainRequest, PlainResponse } from "../../wire/index.ts";
import { failure } from "../answer.ts";
import { answering } from "../connect-answer.ts";
import { pause } from "../pause.ts";
import { pushed } from "../pushed.ts";
import { caseTimeline } from "./case-timeline.ts";
import { contactTimeline } from "./contact-timeline.ts";
import { type Asker, ENTRIES_MAX, type Entry, KINDS, type Timeline } from "./entry.ts";
import { profileTimeline } from "./profile-timeline.ts";

/** A page holds at most so many entries, and so many where nothing is asked for. */
const PAGE_MAX = 1_000;
const PAGE_SIZE = 200;

/** How often is looked again for whoever follows, in wall time: what goes on, and what is over. */
const EVERY_MS = 500;
const EVERY_MS_OVER = 3_000;
/** A look that takes long is not repeated at once: looking takes at most a fifth of the time. */
const REST = 4;

/** Entries in one line that is pushed: what is read is bounded on both sides. */
const PUSHED_MAX = 500;

type Look = () => Promise<Timeline>;

/**
 * `GET /_trunkline/timeline/contacts/INSTANCE/CONTACT`, `…/profiles/DOMAIN/PROFILE`, `…/cases/DOMAIN/CASE`: all that is known of it in the
 * order of time, in pages (`limit`, `after`), of some kinds alone (`kinds=rule,action`). With `follow=true` pushed, a JSON document a
 * line: what it is now, with the entries that are new or have changed, and the ids of those that are gone.
 */
export async function timeline(
  asker: Asker,
  request: PlainRequest,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  const look = lookAt(asker, path);
  if (!look) return undefined;
  const query = new URLSearchParams(request.query);
  const kinds = query.get("kinds")?.split(",").filter(Boolean) ?? [];
  const unknown = kinds.find((kind) => !(KINDS as readonly string[]).includes(kind));
  if (unknown !== undefined) return failure(400, `There is no kind ${unknown}: kinds are ${KINDS.join(", ")}`);
  const isWanted = ({ kind }: Entry): boolean => kinds.length === 0 || kinds.includes(kind);
  const wanted: Look = async () => {
    const whole = await asker.context.store.durably(look);
    return { ...whole, entries: whole.entries.filter(isWanted) };
  };
  const follow = query.get("follow") ?? "false";
  if (follow !== "true" && follow !== "false") return failure(400, "follow is true or false");
  if (follow === "true") return followed(asker, wanted, request.signal);
  const limit = query.has("limit") ? Number(query.get("limit")) : PAGE_SIZE;
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    return failure(400, `limit is not a number from 1 to ${PAGE_MAX}`);
  }
  const after = query.get("after") ?? "";
  if (after !== "" && !AFTER.test(after)) return failure(400, "after is not the next of a page before");
  return answering(async () => pageOf(await wanted(), after, limit));
}

function lookAt(asker: Asker, [room, first = "", second = "", ...others]: readonly string[]): Look | undefined {
  if (first === "" || second === "" || others.length > 0) return undefined;
  if (room === "contacts") return () => contactTimeline(asker, { instanceId: first, contactId: second });
  if (room === "profiles") return () => profileTimeline(asker, { domainName: first, profileId: second });
  if (room === "cases") return () => caseTimeline(asker, { domainId: first, caseId: second });
  return undefined;
}

/** The time and the id of the last entry of a page: what follows stands behind it, whatever has come since. */
const AFTER = /^\d{4,}-[^ ]+Z .+$/s;

function pageOf({ entries, ...rest }: Timeline, after: string, limit: number): object {
  const [, at = "", id = ""] = /^(\S+) (.*)$/s.exec(after) ?? [];
  const place = entries.findIndex((entry) => entry.at === at && entry.id === id);
  // One that is gone: on from its time.
  const from = after === "" ? 0 : place >= 0 ? place + 1 : entries.findIndex((entry) => entry.at > at);
  const shown = from < 0 ? [] : entries.slice(from, from + limit);
  const last = shown.at(-1);
  const hasMore = from >= 0 && from + limit < entries.length;
  return { ...rest, total: entries.length, entries: shown, ...(hasMore && last && { next: `${last.at} ${last.id}` }) };
}

async function followed(asker: Asker, look: Look, signal: AbortSignal): Promise<PlainResponse> {
  let first: Timeline;
  try {
    first = await look();
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return failure(error.code === "ResourceNotFoundException" ? 404 : 400, error.message);
  }
  return pushed(changes(asker, look, first, signal), asker.context.wall);
}

/** Who reads slowly is told of fewer looks: the next one is made once the one before has been taken. */
async function* changes(
  { context: { wall } }: Asker,
  look: Look,
  first: Timeline,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const told = new Map<string, string>();
  let head = "";
  let timeline = first;
  let tookMs = 0;
  for (;;) {
    const { entries, now, ...rest } = timeline;
    const shown = entries.slice(-ENTRIES_MAX);
    const left = entries.length - shown.length;
    const changed = shown.filter((entry) => {
      const hash = hashOf(entry);
      if (told.get(entry.id) === hash) return false;
      told.set(entry.id, hash);
      return true;
    });
    const ids = new Set(shown.map(({ id }) => id));
    const gone = [...told.keys()].filter((id) => !ids.has(id));
    for (const id of gone) told.delete(id);
    const notes = left > 0 ? [...rest.notes, `${left} older entries are not shown.`] : rest.notes;
    const newHead = JSON.stringify({ ...rest, notes });
    if (changed.length > 0 || gone.length > 0 || newHead !== head) {
      head = newHead;
      for (let from = 0; from === 0 || from < changed.length; from += PUSHED_MAX) {
        const part = changed.slice(from, from + PUSHED_MAX);
        const isWhole = from + PUSHED_MAX >= changed.length;
        yield `${JSON.stringify({ ...rest, notes, now, isWhole, entries: part, gone: from === 0 ? gone : [] })}\n`;
      }
    } else if (!rest.isOver) {
      // The axis goes on to now, and who reads learns that the connection lives.
      yield `${JSON.stringify({ ...rest, notes, now, isWhole: true, entries: [], gone: [] })}\n`;
    }
    await pause(wall, Math.max(rest.isOver ? EVERY_MS_OVER : EVERY_MS, REST * tookMs), signal);
    if (signal.aborted) return;
    const beganMs = wall.now();
    try {
      timeline = await look();
    } catch (error) {
      // It is gone: who reads asks again, and is told so.
      if (error instanceof ModeledError) return;
      throw error;
    }
    tookMs = wall.now() - beganMs;
  }
}

function hashOf(entry: Entry): string {
  return createHash("sha1").update(JSON.stringify(entry)).digest("base64");
}
