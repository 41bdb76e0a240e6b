import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { href, route, setQuery } from "../route.ts";
import { Json } from "./json.tsx";
import { Empty } from "./notes.tsx";
import { Time } from "./time.tsx";
import { Axis, move, offsetText, type Window } from "./timeline-axis.tsx";
import { type Entry, KIND_TITLES, shownSentiment, spanOf, type TimelineData } from "./timeline-data.ts";
import { Verdict } from "./verdict.tsx";
import "./timeline.css";

/**
 * A timeline: the axis, the list of all entries and the one that is chosen. What is chosen (`at`), which kinds are shown (`kinds`) and which
 * part of the time (`part`) stands in the address.
 */
export function Timeline({ data }: { readonly data: TimelineData }): JSX.Element {
  const { query } = route.value;
  const kinds = (query.get("kinds") ?? "").split(",").filter(Boolean);
  const counts = new Map<string, number>();
  for (const { kind } of data.entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const entries = useMemo(
    () => (kinds.length === 0 ? data.entries : data.entries.filter(({ kind }) => kinds.includes(kind))),
    [data.entries, query.get("kinds")],
  );
  const nowMs = Date.parse(data.now);
  const whole = useMemo(() => wholeOf(data, nowMs), [data.entries, data.isOver, data.isOver ? 0 : nowMs]);
  const shown = partOf(query.get("part"), whole);
  const chosen = query.get("at") ?? undefined;
  const entry = chosen === undefined ? undefined : data.byId.get(chosen);
  const choose = ({ id }: Entry): void => setQuery({ at: id });
  if (data.entries.length === 0) return <Empty>Nothing is known of it yet. What happens to it is shown at once.</Empty>;
  return (
    <div class="tl">
      <fieldset class="tl-kinds">
        <legend class="hidden">Kinds of entries</legend>
        {[...counts].map(([kind, count]) => (
          <button
            key={kind}
            type="button"
            class="chip"
            aria-pressed={kinds.includes(kind)}
            onClick={() => setQuery({ kinds: toggled(kinds, kind) })}
          >
            {KIND_TITLES[kind] ?? kind} <span class="faint">{count}</span>
          </button>
        ))}
        {kinds.length > 0 && (
          <button type="button" class="chip" onClick={() => setQuery({ kinds: undefined })}>
            All kinds
          </button>
        )}
      </fieldset>
      <Axis
        entries={entries}
        whole={whole}
        shown={shown}
        nowMs={nowMs}
        chosen={chosen}
        onChoose={choose}
        onWindow={(part) =>
          setQuery({ part: part && `${Math.round(part.fromMs)}-${Math.round(Math.max(part.toMs, part.fromMs + 1))}` })
        }
      />
      <div class="tl-below">
        <EntryList entries={entries} originMs={whole.fromMs} chosen={chosen} onChoose={choose} />
        <section class="card tl-chosen" aria-label="Chosen entry">
          {entry ? (
            <Chosen entry={entry} />
          ) : (
            <p class="faint">
              {chosen === undefined
                ? "Choose an entry, on the axis or in the list, to see all of it."
                : "The entry that the address names is not there."}
            </p>
          )}
        </section>
      </div>
      {data.notes.map((note) => (
        <p key={note} class="faint tl-note">
          {note}
        </p>
      ))}
    </div>
  );
}

function toggled(kinds: readonly string[], kind: string): string | undefined {
  const left = kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind];
  return left.length === 0 ? undefined : left.join(",");
}

/** A second more on the right, so that the last mark is not cut. */
const MARGIN = 0.02;

function wholeOf({ entries, isOver }: TimelineData, nowMs: number): Window {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = isOver ? Number.NEGATIVE_INFINITY : nowMs;
  for (const entry of entries) {
    const [beginMs, endMs] = spanOf(entry, nowMs);
    fromMs = Math.min(fromMs, beginMs);
    toMs = Math.max(toMs, endMs);
  }
  const lengthMs = Math.max(1_000, toMs - fromMs);
  return { fromMs, toMs: fromMs + lengthMs * (1 + MARGIN) };
}

function partOf(part: string | null, whole: Window): Window {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(part ?? "") ?? [];
  return from !== undefined && Number(from) < Number(to) ? { fromMs: Number(from), toMs: Number(to) } : whole;
}

/** The height of a row, in pixels. */
const ROW = 30;
const AROUND = 20;

/** All entries in order; of many only those are drawn that can be seen. */
function EntryList({
  entries,
  originMs,
  chosen,
  onChoose,
}: {
  readonly entries: readonly Entry[];
  readonly originMs: number;
  readonly chosen: string | undefined;
  onChoose(entry: Entry): void;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  const look = (): void => {
    top.value = box.current?.scrollTop ?? 0;
    height.value = box.current?.clientHeight ?? 600;
  };
  useEffect(look, [entries.length]);
  useEffect(() => {
    const element = box.current;
    const place = entries.findIndex(({ id }) => id === chosen);
    if (!element || place < 0) return;
    const [from, to] = [place * ROW, (place + 1) * ROW];
    if (from < element.scrollTop) element.scrollTop = Math.max(0, from - ROW);
    else if (to > element.scrollTop + element.clientHeight) element.scrollTop = to - element.clientHeight + ROW;
  }, [chosen, entries.length === 0]);
  const from = Math.max(0, Math.floor(top.value / ROW) - AROUND);
  const to = Math.min(entries.length, Math.ceil((top.value + height.value) / ROW) + AROUND);
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(entries, chosen, step, onChoose);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>("button[aria-current]")?.focus());
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys.
    <section ref={box} class="tl-list" aria-label="Entries" tabIndex={0} onScroll={look} onKeyDown={onKey}>
      <ol style={{ height: `${entries.length * ROW}px` }}>
        {entries.slice(from, to).map((entry, place) => (
          <li
            key={entry.id}
            style={{ top: `${(from + place) * ROW}px` }}
            aria-setsize={entries.length}
            aria-posinset={from + place + 1}
          >
            <button
              type="button"
              aria-current={entry.id === chosen ? "true" : undefined}
              onClick={() => onChoose(entry)}
            >
              <time dateTime={entry.at} title={entry.at}>
                {offsetText(Date.parse(entry.at) - originMs)}
              </time>
              <span class={`tl-kind kind-${entry.kind}`}>{KIND_TITLES[entry.kind] ?? entry.kind}</span>
              <Tone entry={entry} />
              <span class="tl-title">
                {entry.speaker && <span class="faint">{entry.speaker.toLowerCase()}: </span>}
                {entry.title.slice(0, SHOWN_MAX)}
                {entry.detail && <span class="faint"> {entry.detail.slice(0, SHOWN_MAX)}</span>}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Characters of a line; the whole is where it is chosen. */
const SHOWN_MAX = 300;

/** How it stands with an entry: by sign and word as well as by colour. */
export function Tone({ entry }: { readonly entry: Entry }): JSX.Element | null {
  const sentiment = shownSentiment(entry);
  if (sentiment) {
    return (
      <span class={`mood mood-${sentiment.word}`}>
        <span aria-hidden="true">{sentiment.sign}</span> {sentiment.word}
      </span>
    );
  }
  if (!entry.tone) return null;
  const [sign, word] = TONES[entry.tone];
  return (
    <span class={entry.tone}>
      <span aria-hidden="true">{sign}</span>
      <span class="hidden">{word}</span>
    </span>
  );
}

const TONES = { good: ["✓", "good"], bad: ["✗", "bad"], warn: ["!", "to be looked at"] } as const;

function Chosen({ entry }: { readonly entry: Entry }): JSX.Element {
  return (
    <>
      <h2>
        {KIND_TITLES[entry.kind] ?? entry.kind} <Tone entry={entry} />
      </h2>
      <p class="tl-whole">{entry.title}</p>
      {entry.detail && <p class="faint tl-whole">{entry.detail}</p>}
      <p>
        <Time at={entry.at} />
        {entry.until && (
          <>
            {" "}
            to <Time at={entry.until} withDate={false} />
          </>
        )}
      </p>
      <p class="tl-links">
        {entry.of && (
          <button type="button" onClick={() => setQuery({ at: entry.of })}>
            Where it was said
          </button>
        )}
        {entry.links?.map(({ title, to }) => (
          <a key={to.join("/")} href={href(to)}>
            {title}
          </a>
        ))}
      </p>
      {entry.explanation && <Verdict verdict={entry.explanation.condition} />}
      <Json key={entry.id} value={entry.document} open={entry.explanation ? 0 : 2} name={entry.kind} />
    </>
  );
}
