import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Arn } from "../../parts/arn.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, useLoaded, usePaged } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { post, read, region, session } from "../../server.ts";
import { type Attempt, OUTCOMES, type Owed, type OwedTarget } from "./delivery-data.ts";
import { Outcome, ShownReason, Took } from "./outcome.tsx";
import "./deliveries.css";

const RELOAD_MS = 2000;

/** What is owed to targets now, and what was attempted. */
export function DeliveriesPage(): JSX.Element {
  const key = `${session.value?.accessKeyId} ${region.value}`;
  const { value, error, reload } = useLoaded(
    key,
    (signal) => read<{ targets: readonly OwedTarget[] }>("deliveries/targets", signal),
    { everyMs: RELOAD_MS },
  );
  const targets = value?.targets ?? [];
  // What is tried may be gone at once, and its button with it.
  const said = useSignal("");
  const tryAll = async (target: string): Promise<undefined> => {
    said.value = await attemptNow({ target }, reload);
  };
  const owed = targets.reduce((sum, one) => sum + one.owed, 0);
  return (
    <>
      <PageHead title="Deliveries">
        <a href={href(["dead-letters"])}>Dead letters</a>
      </PageHead>
      <Failure error={error} />
      <p class="good" role="status">
        {said.value}
      </p>
      <Tabs
        label="Deliveries"
        tabs={[
          {
            name: "owed",
            title: "Owed now",
            count: value && owed,
            view: () => value && <OwedNow targets={targets} tryAll={tryAll} />,
          },
          { name: "attempts", title: "Attempts", view: () => <Attempts /> },
        ]}
      />
    </>
  );
}

function OwedNow({
  targets,
  tryAll,
}: {
  readonly targets: readonly OwedTarget[];
  tryAll(target: string): Promise<undefined>;
}): JSX.Element {
  const chosen = route.value.query.get("target") ?? undefined;
  if (targets.length === 0 && chosen === undefined) {
    return (
      <Empty>
        Nothing is owed to anybody: every target outside has taken what it was sent. What goes to a stream, a queue, a
        log group or a bus of ours is there with its event, and is never owed. A rule whose target does not answer puts
        something here.
      </Empty>
    );
  }
  return (
    <>
      <DataTable
        label="Targets that are owed something"
        rows={targets}
        keyOf={({ target }) => target}
        isChosen={({ target }) => target === chosen}
        columns={[
          { name: "Target", cell: ({ target }) => <Arn arn={target} /> },
          {
            name: "Owed",
            isNumber: true,
            cell: ({ owed, isMore, target }) => (
              <a href={href(["deliveries"], { target })}>
                {owed}
                {isMore && "+"}
              </a>
            ),
          },
          { name: "Failing", isNumber: true, cell: ({ failing }) => failing },
          { name: "Next due", cell: ({ nextDue }) => <Time at={nextDue} withDate={false} /> },
          { name: "Oldest event", cell: ({ oldest }) => <Time at={oldest} /> },
          { name: "Last failure", cell: ({ failure }) => <ShownReason reason={failure} /> },
          {
            name: "Try",
            cell: ({ target }) => <ActionButton act={() => tryAll(target)}>Try all now</ActionButton>,
          },
        ]}
      />
      {chosen !== undefined && <OwedTo target={chosen} />}
    </>
  );
}

/** Attempts at once what waits: one delivery, or all to a target. */
export async function attemptNow(
  which: { readonly target: string } | { readonly delivery: string },
  reload: () => void,
): Promise<string> {
  const { attempted, isMore } = await post<{ attempted: number; isMore: boolean }>("deliveries/attempt", which);
  reload();
  if (attempted === 0) return "All of it is being attempted already";
  return `${attempted} attempted now${isMore ? ", and there are more" : ""}`;
}

function OwedTo({ target }: { readonly target: string }): JSX.Element {
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<Owed>> => {
    const query = new URLSearchParams({ target, limit: "100", ...(next && { after: next }) });
    const page = await read<{ deliveries: readonly Owed[]; next?: string }>(`deliveries?${query}`, signal);
    return { rows: page.deliveries, next: page.next };
  };
  const { rows, error, more, loading } = usePaged(`${target} ${region.value}`, load, {
    keyOf: ({ id }) => id,
    everyMs: RELOAD_MS,
  });
  return (
    <section>
      <h2>
        Owed to <Arn arn={target} />{" "}
        <button type="button" onClick={() => setQuery({ target: undefined })}>
          All targets
        </button>
      </h2>
      <Failure error={error} />
      {!loading && rows.length === 0 && <Empty>Nothing is owed to it any more.</Empty>}
      {rows.length > 0 && (
        <DataTable
          label="Deliveries that are owed"
          rows={rows}
          more={more}
          keyOf={({ id }) => id}
          columns={[
            {
              name: "Event of",
              cell: ({ id, taken }) => (
                <a href={href(["deliveries", id])}>
                  <Time at={taken} />
                </a>
              ),
            },
            { name: "Rule", cell: ({ rule }) => <Arn arn={rule} /> },
            { name: "State", cell: ({ state }) => state },
            { name: "Attempts", isNumber: true, cell: ({ attemptsMade }) => attemptsMade },
            { name: "Due", cell: ({ due }) => <Time at={due} /> },
            { name: "Last failure", cell: ({ failure }) => <ShownReason reason={failure} /> },
          ]}
        />
      )}
    </section>
  );
}

const FILTERS = ["outcome", "target", "rule", "from"] as const;

function Attempts(): JSX.Element {
  const { query } = route.value;
  const given = FILTERS.flatMap((name): [string, string][] => {
    const value = query.get(name);
    return value ? [[name, value]] : [];
  });
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<Attempt>> => {
    const asked = new URLSearchParams([...given, ["limit", "100"], ...(next ? [["after", next]] : [])] as string[][]);
    const page = await read<{ attempts: readonly Attempt[]; next?: string }>(`deliveries/attempts?${asked}`, signal);
    return { rows: page.attempts, next: page.next };
  };
  const key = `${new URLSearchParams(given)} ${session.value?.accessKeyId} ${region.value}`;
  const { rows, error, more, loading } = usePaged(key, load, { keyOf: keyOfAttempt, everyMs: RELOAD_MS });
  const filter = (name: string) => (event: { currentTarget: { value: string } }) =>
    setQuery({ [name]: event.currentTarget.value });
  return (
    <>
      <div class="filters">
        <label>
          Outcome
          <select value={query.get("outcome") ?? ""} onChange={filter("outcome")}>
            <option value="">any</option>
            <option value="not-delivered">not delivered</option>
            {OUTCOMES.map((outcome) => (
              <option key={outcome} value={outcome}>
                {outcome}
              </option>
            ))}
          </select>
        </label>
        <label>
          Target
          <input type="search" placeholder="ARN" value={query.get("target") ?? ""} onInput={filter("target")} />
        </label>
        <label>
          Rule or sender
          <input type="search" placeholder="ARN" value={query.get("rule") ?? ""} onInput={filter("rule")} />
        </label>
        <label>
          Since
          <input
            type="search"
            placeholder="2026-11-30T09:00Z"
            value={query.get("from") ?? ""}
            onInput={filter("from")}
          />
        </label>
      </div>
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && (
        <Empty>
          {given.length > 0
            ? "No attempt is like that, as far back as they are kept (7 days)."
            : "Nothing was attempted yet. A rule with a target outside of this store (an API destination, an HTTP subscription, a function that is throttled) puts something here."}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Attempts, the newest first"
          rows={rows}
          more={more}
          keyOf={keyOfAttempt}
          columns={[
            {
              name: "Time",
              cell: ({ delivery, time, taken }) => (
                <a href={href(["deliveries", delivery], { since: taken })}>
                  <Time at={time} />
                </a>
              ),
            },
            { name: "Outcome", cell: ({ outcome }) => <Outcome outcome={outcome} /> },
            { name: "Target", cell: ({ target }) => <Filtering name="target" arn={target} /> },
            { name: "Attempt", isNumber: true, cell: ({ attempt }) => attempt },
            { name: "Answer", isNumber: true, cell: (attempt) => <Took attempt={attempt} /> },
            { name: "Failure", cell: ({ failure }) => <ShownReason reason={failure} /> },
            { name: "Rule or sender", cell: ({ rule }) => <Filtering name="rule" arn={rule} /> },
          ]}
        />
      )}
    </>
  );
}

function Filtering({ name, arn }: { readonly name: "target" | "rule"; readonly arn: string }): JSX.Element {
  return (
    <>
      <Arn arn={arn} />{" "}
      <button
        type="button"
        class="copy"
        aria-label={`Only this ${name}`}
        title={`Only this ${name}`}
        onClick={() => setQuery({ [name]: arn })}
      >
        only
      </button>
    </>
  );
}

function keyOfAttempt({ delivery, attempt, outcome, time }: Attempt): string {
  return `${delivery} ${attempt} ${outcome} ${time}`;
}
