import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { route, setQuery } from "../route.ts";
import { stream } from "../server.ts";
import { ChoiceField, TextField } from "./form.tsx";
import { type Bar, Histogram, type HistogramStep } from "./histogram.tsx";
import { Json } from "./json.tsx";
import { Empty, Failure, Figure } from "./notes.tsx";
import { shownMoment, Time } from "./time.tsx";
import { Verdict, type VerdictTree } from "./verdict.tsx";
import "./backtest.css";

/** What would have matched, with its reasons: as `POST /_trunkline/backtest` tells it. */
export interface BacktestMatch {
  readonly time: string;
  readonly condition: VerdictTree;
}

/** What it tells at the end. */
export interface BacktestDone {
  readonly since: string;
  readonly until: string;
  readonly asked: number;
  readonly matched: number;
  readonly histogram: readonly HistogramStep[];
  readonly gaps: readonly { readonly since: string; readonly until: string; readonly reason: string }[];
  readonly note?: string;
}

interface Progress {
  readonly read: number;
  readonly of: number;
  readonly asked: number;
  readonly matched: number;
}

type Line<Match, Done> = { readonly progress: Progress } | { readonly match: Match } | { readonly done: Done };

interface Run<Match, Done> {
  readonly isRunning: boolean;
  readonly progress?: Progress;
  readonly matches: readonly Match[];
  readonly done?: Done;
  readonly error?: Error;
}

/**
 * Tries a rule or a trigger on what really happened, without acting: how far it is, a histogram over time, and the matches with their
 * conditions. The time that it looks back is in the address.
 */
export function Backtest<Match extends BacktestMatch, Done extends BacktestDone>({
  asked,
  bars,
  summaryOf,
  linkOf,
  children,
}: {
  /** What is tried: the request's body but for the time. May throw: what it says is shown. */
  asked(): object;
  /** What is drawn of each step of time. */
  readonly bars: readonly Bar[];
  /** A match in one line, behind its time. */
  summaryOf(match: Match): ComponentChildren;
  /** Leads to what matched. It stands beside that line. */
  linkOf?(match: Match): ComponentChildren;
  /** What else there is to tell at the end. */
  children?(done: Done): ComponentChildren;
}): JSX.Element {
  const since = route.value.query.get("since") ?? "7d";
  const told = useSignal("100");
  const run = useSignal<Run<Match, Done> | undefined>(undefined);
  const step = useSignal<HistogramStep | undefined>(undefined);
  const going = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => going.current?.abort(), []);
  const start = async (): Promise<void> => {
    going.current?.abort();
    const abort = new AbortController();
    going.current = abort;
    step.value = undefined;
    run.value = { isRunning: true, matches: [] };
    const put = (change: Partial<Run<Match, Done>>): void => {
      if (going.current === abort && run.value) run.value = { ...run.value, ...change };
    };
    try {
      const body = { ...asked(), since, matches: Number(told.value) };
      await stream<Line<Match, Done>>(
        "backtest",
        body,
        (lines) => run.value && put(lines.reduce(added, run.value)),
        abort.signal,
      );
      put({ isRunning: false });
    } catch (error) {
      put(abort.signal.aborted ? { isRunning: false } : { isRunning: false, error: error as Error });
    }
  };
  return (
    <>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <TextField
          label="Since"
          hint="7d, 12h, PT30M, or a time"
          value={since}
          onText={(text) => setQuery({ since: text })}
        />
        <ChoiceField
          label="Matches told"
          hint="All are counted"
          value={told.value}
          choices={["100", "1000", "10000"]}
          onChoice={(value) => (told.value = value)}
        />
        <button type="submit" class="primary" disabled={run.value?.isRunning}>
          Backtest
        </button>
        {run.value?.isRunning && (
          <button type="button" onClick={() => going.current?.abort()}>
            Stop
          </button>
        )}
      </form>
      {run.value && (
        <Shown
          run={run.value}
          bars={bars}
          step={step.value}
          onStep={(chosen) => (step.value = chosen)}
          summaryOf={summaryOf}
          linkOf={linkOf}
        >
          {children}
        </Shown>
      )}
    </>
  );
}

function added<Match, Done>(run: Run<Match, Done>, line: Line<Match, Done>): Run<Match, Done> {
  if ("progress" in line) return { ...run, progress: line.progress };
  if ("match" in line) return { ...run, matches: [...run.matches, line.match] };
  return { ...run, done: line.done };
}

function Shown<Match extends BacktestMatch, Done extends BacktestDone>({
  run: { isRunning, progress, matches, done, error },
  bars,
  step,
  onStep,
  summaryOf,
  linkOf,
  children,
}: {
  readonly run: Run<Match, Done>;
  readonly bars: readonly Bar[];
  readonly step: HistogramStep | undefined;
  onStep(step: HistogramStep | undefined): void;
  summaryOf(match: Match): ComponentChildren;
  readonly linkOf: ((match: Match) => ComponentChildren) | undefined;
  readonly children: ((done: Done) => ComponentChildren) | undefined;
}): JSX.Element {
  const next = step && done?.histogram[done.histogram.indexOf(step) + 1];
  const shown = step
    ? matches.filter(({ time }) => time >= step.from && (next === undefined || time < next.from))
    : matches;
  return (
    <>
      <Failure error={error} />
      {isRunning && (
        <p role="status">
          <progress max={progress?.of || 1} value={progress?.read ?? 0} aria-label="Read so far" />{" "}
          {progress ? `${progress.read} of ${progress.of} read, ${progress.matched} matched` : "begins"}
        </p>
      )}
      {!isRunning && !done && !error && <Empty>Stopped before its end.</Empty>}
      {done && (
        <>
          <section class="figures" aria-label="Result">
            <Figure name="asked" value={done.asked} />
            {bars.map(({ name, title }) => (
              <Figure key={name} name={title} value={Number(done[name as keyof Done] ?? 0)} />
            ))}
          </section>
          {done.note && <p class="faint">{done.note}</p>}
          {done.gaps.map(({ since, until, reason }) => (
            <p key={since} class="warn">
              Nothing is known from <Time at={since} /> to <Time at={until} />: {reason}
            </p>
          ))}
          {done.histogram.length > 0 && (
            <Histogram
              label={`${done.matched} of ${done.asked} matched`}
              bars={bars}
              steps={done.histogram}
              chosen={step}
              onChosen={onStep}
            />
          )}
          {children?.(done)}
          {done.matched === 0 && <Empty>Nothing since {shownMoment(done.since)} would have matched.</Empty>}
        </>
      )}
      {shown.length > 0 && (
        <section aria-label="Matches">
          <h2>
            {step ? `Matches from ${shownMoment(step.from)} on` : "Matches"}
            {done && matches.length < done.matched && <span class="faint"> the first {matches.length}</span>}
          </h2>
          <ul class="matches">
            {shown.map((match, place) => (
              <li key={place}>
                <Matched match={match} summaryOf={summaryOf} />
                {linkOf?.(match)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** A match in a line, which opens to its conditions: there may be thousands. */
function Matched<Match extends BacktestMatch>({
  match,
  summaryOf,
}: {
  readonly match: Match;
  summaryOf(match: Match): ComponentChildren;
}): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <details
      class="unfolding"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>
        <Time at={match.time} /> {summaryOf(match)}
      </summary>
      {isOpen.value && (
        <>
          <Verdict verdict={match.condition} />
          <Json value={match} open={1} name="match" />
        </>
      )}
    </details>
  );
}
