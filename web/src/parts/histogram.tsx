import type { JSX } from "preact";
import { DataTable } from "./data-table.tsx";
import { shownMoment } from "./time.tsx";
import "./histogram.css";

/** Counts from one time to the next. */
export interface HistogramStep {
  readonly from: string;
  readonly [name: string]: string | number;
}

/** What is counted. */
export interface Bar {
  /** Its member of a step. */
  readonly name: string;
  readonly title: string;
  /** One of the CSS variables for charts: `--chart-1`. */
  readonly color: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer times are drawn without what lies empty between. */
const STEPS_MAX = 400;

/** Counts over time, by the hour or the day. Each step can be chosen; the figures are there as a table too. */
export function Histogram({
  label,
  bars,
  steps,
  chosen,
  onChosen,
}: {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly steps: readonly HistogramStep[];
  readonly chosen?: HistogramStep | undefined;
  onChosen?(step: HistogramStep | undefined): void;
}): JSX.Element {
  const places = withEmpty(steps);
  const most = Math.max(1, ...steps.map((step) => totalOf(step, bars)));
  return (
    <figure class="histogram" aria-label={label}>
      <div class="bars">
        {places.map((place) =>
          typeof place === "string" ? (
            <span key={place} class="bar" title={shownTime(place)} />
          ) : (
            <button
              key={place.from}
              type="button"
              class="bar"
              aria-pressed={chosen === place}
              title={saidOf(place, bars)}
              aria-label={saidOf(place, bars)}
              onClick={() => onChosen?.(chosen === place ? undefined : place)}
            >
              {bars.map(({ name, color }) => (
                <span
                  key={name}
                  style={{ height: `${(100 * Number(place[name] ?? 0)) / most}%`, background: `var(${color})` }}
                />
              ))}
            </button>
          ),
        )}
      </div>
      <figcaption>
        <span>{shownTime(steps[0]?.from)}</span>
        {bars.map(({ name, title, color }) => (
          <span key={name}>
            <i style={{ background: `var(${color})` }} /> {title}
          </span>
        ))}
        <span>{shownTime(steps.at(-1)?.from)}</span>
      </figcaption>
      <details>
        <summary>As a table</summary>
        <DataTable
          label={label}
          rows={steps}
          keyOf={({ from }) => from}
          columns={[
            { name: "From", cell: ({ from }) => shownTime(from) },
            { name: "Asked", isNumber: true, cell: ({ asked }) => asked },
            ...bars.map(({ name, title }) => ({
              name: title,
              isNumber: true,
              cell: (step: HistogramStep) => step[name] ?? 0,
            })),
          ]}
        />
      </details>
    </figure>
  );
}

/** The steps with the times between them in which nothing was counted. */
function withEmpty(steps: readonly HistogramStep[]): readonly (HistogramStep | string)[] {
  const times = steps.map(({ from }) => Date.parse(from));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  // Steps are hours, or days throughout.
  const stepMs = times.some((time) => time % DAY_MS !== 0) ? HOUR_MS : DAY_MS;
  const count = (last - first) / stepMs + 1;
  if (count > STEPS_MAX) return steps;
  const known = new Map(steps.map((step) => [Date.parse(step.from), step]));
  return Array.from({ length: count }, (_, place) => {
    const time = first + place * stepMs;
    return known.get(time) ?? new Date(time).toISOString();
  });
}

function totalOf(step: HistogramStep, bars: readonly Bar[]): number {
  return bars.reduce((total, { name }) => total + Number(step[name] ?? 0), 0);
}

function saidOf(step: HistogramStep, bars: readonly Bar[]): string {
  const counts = bars.map(({ name, title }) => `${step[name] ?? 0} ${title}`).join(", ");
  return `${shownTime(step.from)}: ${counts}, of ${step.asked ?? 0} asked`;
}

function shownTime(time: string | undefined): string {
  return time === undefined ? "" : shownMoment(time);
}
