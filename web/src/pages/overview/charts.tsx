import type { JSX } from "preact";
import { Chart, type Series } from "../../parts/chart.tsx";
import { href } from "../../route.ts";
import { delivered, leadingNames, ratesOf, type Seen, sumOf, type Totals, type TotalsMoment } from "./picture.ts";

const COLORS = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5"];
/** Names that are told apart in a chart; the rest is one line. */
const NAMES = 4;

/** The last quarter of an hour. */
export function OverTime({ seen: { centre, totals: moments, now } }: { readonly seen: Seen }): JSX.Element {
  const timesMs = moments.map(({ atMs }) => atMs);
  const centreTimes = centre.map(({ atMs }) => atMs);
  const line = (name: string, place: number, countOf: (totals: Totals) => number): Series => ({
    name,
    color: COLORS[place % COLORS.length] ?? "",
    values: ratesOf(moments, countOf),
  });
  return (
    <div class="charts">
      {now.contacts && (
        <ChartCard
          title="Contacts"
          to={href(["contacts"])}
          timesMs={centreTimes}
          series={[
            { name: "in a flow", color: "--chart-3", values: centre.map(({ inFlow }) => inFlow) },
            { name: "waiting", color: "--chart-1", values: centre.map(({ waiting }) => waiting) },
            { name: "with an agent", color: "--chart-2", values: centre.map(({ withAgent }) => withAgent) },
            { name: "after contact", color: "--chart-4", values: centre.map(({ afterContact }) => afterContact) },
          ]}
        />
      )}
      <ChartCard
        title="Events a second, by source"
        to={href(["buses"])}
        timesMs={timesMs}
        series={byName(moments, ({ events }) => events)}
      />
      <ChartCard
        title="Calls of the API a second, by service"
        to={href(["calls"])}
        timesMs={timesMs}
        series={[
          ...byName(moments, ({ calls }) => calls, NAMES - 1),
          line("refused or failed", 4, ({ refusedCalls, failedCalls }) => refusedCalls + failedCalls),
        ]}
      />
      <ChartCard
        title="Deliveries a second"
        to={href(["deliveries"])}
        timesMs={timesMs}
        series={[
          line("delivered", 1, delivered),
          line("failed, tried again", 2, ({ deliveries }) => deliveries.failed ?? 0),
          line("given up", 4, ({ deliveries }) => (deliveries["dead-lettered"] ?? 0) + (deliveries.dropped ?? 0)),
        ]}
      />
      <ChartCard
        title="Stream records a second"
        to={href(["streams"])}
        timesMs={timesMs}
        series={[line("records", 0, ({ records }) => records)]}
      />
      <ChartCard
        title="Calls of functions a second"
        to={href(["functions"])}
        timesMs={timesMs}
        series={[
          line("calls", 0, ({ invocations }) => invocations),
          line("errors", 4, ({ functionErrors }) => functionErrors),
        ]}
      />
    </div>
  );
}

function ChartCard({
  title,
  to,
  ...chart
}: {
  readonly title: string;
  readonly to: string;
  readonly timesMs: readonly number[];
  readonly series: readonly Series[];
}): JSX.Element {
  return (
    <section class="card">
      <h2>
        <a href={to}>{title}</a>
      </h2>
      <Chart label={title} {...chart} />
    </section>
  );
}

/** A line for each of the names that count most, and one for all others together. */
function byName(
  moments: readonly TotalsMoment[],
  countsOf: (totals: Totals) => Readonly<Record<string, number>>,
  most: number = NAMES,
): Series[] {
  const last = moments.at(-1);
  const counts = last ? countsOf(last.totals) : {};
  const names = leadingNames(counts, most);
  const series = names.map((name, place) => ({
    name,
    color: COLORS[place] ?? "",
    values: ratesOf(moments, (totals) => countsOf(totals)[name] ?? 0),
  }));
  if (Object.keys(counts).length <= most && series.length > 0) return series;
  const others = (totals: Totals): number =>
    sumOf(Object.entries(countsOf(totals)).map(([name, count]) => (names.includes(name) ? 0 : count)));
  return [
    ...series,
    { name: series.length > 0 ? "all others" : "none yet", color: "--faint", values: ratesOf(moments, others) },
  ];
}
