import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useFollowed } from "../query.ts";
import { route, setQuery } from "../route.ts";
import { Unfolding } from "./json.tsx";
import { Empty, Failure } from "./notes.tsx";

/** As many are kept as a reader can look through; older ones are in the stream or the log. */
const KEPT = 500;
const SHOWN = 200;

/** Somebody makes something happen in another window, and comes back to see it here. */
const HIDDEN_MS = 60_000;

interface Arrived {
  readonly number: number;
  readonly document: unknown;
  /** What the filter looks into. */
  readonly text: string;
}

interface Tailed {
  readonly count: number;
  readonly items: readonly Arrived[];
}

function arrived(before: Tailed = { count: 0, items: [] }, document: unknown): Tailed {
  const item = { number: before.count, document, text: JSON.stringify(document).toLowerCase() };
  return { count: before.count + 1, items: [item, ...before.items.slice(0, KEPT - 1)] };
}

/** What arrives on a stream or a bus, the newest first, as it arrives. `summaryOf` says in one line what an item is. */
export function Tail({
  name,
  summaryOf,
}: {
  readonly name: string;
  readonly summaryOf: (document: unknown) => string;
}): JSX.Element {
  const { query } = route.value;
  const from = query.get("from") === "oldest" ? "oldest" : "newest";
  const filter = (query.get("filter") ?? "").toLowerCase();
  const frozen = useSignal<Tailed | undefined>(undefined);
  const path = `live?name=${encodeURIComponent(name)}&from=${from}`;
  const { value, error, isOpen, hasGap } = useFollowed<unknown, Tailed>(path, arrived, {
    goesOn: from === "newest",
    hiddenMs: HIDDEN_MS,
  });
  const { count, items } = frozen.value ?? value ?? { count: 0, items: [] };
  const found = filter === "" ? items : items.filter(({ text }) => text.includes(filter));
  return (
    <>
      <div class="filters">
        <label>
          From
          <select value={from} onChange={(event) => setQuery({ from: event.currentTarget.value })}>
            <option value="newest">now on</option>
            <option value="oldest">the oldest that is kept</option>
          </select>
        </label>
        <label>
          Filter
          <input
            type="search"
            value={query.get("filter") ?? ""}
            onInput={(event) => setQuery({ filter: event.currentTarget.value })}
          />
        </label>
        <button
          type="button"
          aria-pressed={frozen.value !== undefined}
          onClick={() => {
            frozen.value = frozen.value === undefined ? value : undefined;
          }}
        >
          {frozen.value === undefined ? "Hold still" : "Go on"}
        </button>
        <span class="faint">
          {count} since this page was opened
          {hasGap && "; what came while it was hidden or without a connection is not here"}
        </span>
      </div>
      <Failure error={error} />
      {found.length === 0 && isOpen && (
        <Empty>
          {items.length > 0 ? (
            `None of the last ${items.length} has “${filter}” in it.`
          ) : from === "newest" ? (
            <>
              Nothing yet. What arrives is shown at once.{" "}
              <button type="button" onClick={() => setQuery({ from: "oldest" })}>
                Show what is kept
              </button>
            </>
          ) : (
            "Nothing is kept. What arrives is shown at once."
          )}
        </Empty>
      )}
      <ol class="tail" aria-label={`Arrived on ${name}`}>
        {found.slice(0, SHOWN).map(({ number, document }) => (
          <li key={number}>
            <Unfolding summary={summaryOf(document)} document={document} />
          </li>
        ))}
      </ol>
    </>
  );
}
