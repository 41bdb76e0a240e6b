import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { route, setQuery } from "../route.ts";
import { Empty } from "./notes.tsx";
import { Tone } from "./timeline.tsx";
import { offsetText } from "./timeline-axis.tsx";
import { type Entry, shownSentiment, sideOf, type TimelineData } from "./timeline-data.ts";

/** Items that are drawn at first, and more each time that is asked for. */
const SHOWN = 300;

/** What was said or written, as a conversation: each side has its own, with how it was meant and what was found in it. */
export function Transcript({ data }: { readonly data: TimelineData }): JSX.Element {
  const shown = useSignal(SHOWN);
  const said = data.entries.filter(({ kind }) => kind === "transcript");
  const marks = new Map<string, Entry[]>();
  for (const entry of data.entries) {
    if (entry.of === undefined || (entry.kind !== "category" && entry.kind !== "rule")) continue;
    marks.set(entry.of, [...(marks.get(entry.of) ?? []), entry]);
  }
  const originMs = Date.parse(data.entries[0]?.at ?? data.now);
  if (said.length === 0) {
    return <Empty>Nothing was said or written yet. What is, is shown at once.</Empty>;
  }
  const chosen = route.value.query.get("at");
  return (
    <>
      <ol class="talk" aria-label="Conversation">
        {said.slice(0, shown.value).map((entry) => (
          <li key={entry.id} class={sideOf(entry)}>
            <div class="talk-head">
              <strong>{entry.detail ?? entry.speaker?.toLowerCase()}</strong>
              <time class="faint" dateTime={entry.at} title={entry.at}>
                {offsetText(Date.parse(entry.at) - originMs)}
              </time>
              <Tone entry={entry} />
            </div>
            <button
              type="button"
              class={`talk-bubble mood-${shownSentiment(entry)?.word ?? "neutral"}`}
              aria-pressed={entry.id === chosen}
              title="Show it on the axis"
              onClick={() => setQuery({ at: entry.id, tab: undefined })}
            >
              {entry.title}
            </button>
            <div class="talk-marks">
              {(marks.get(entry.id) ?? []).map((mark) => (
                <button
                  key={mark.id}
                  type="button"
                  class="chip"
                  onClick={() => setQuery({ at: mark.id, tab: undefined })}
                >
                  <span aria-hidden="true">{mark.kind === "category" ? "▲" : "✓"}</span> {mark.kind} {mark.title}
                </button>
              ))}
            </div>
          </li>
        ))}
      </ol>
      {said.length > shown.value && (
        <button type="button" onClick={() => (shown.value += SHOWN)}>
          {said.length - shown.value} more
        </button>
      )}
    </>
  );
}
