import type { JSX } from "preact";
import { instanceId, instances } from "../instance.ts";
import { Chart } from "../parts/chart.tsx";
import { Empty, Failure, Figure } from "../parts/notes.tsx";
import { useFollowed } from "../query.ts";
import { href } from "../route.ts";

type Figures = Readonly<Record<string, number>>;

/** As `GET /_trunkline/overview` pushes it. */
interface Picture {
  readonly time: string;
  readonly queues?: readonly {
    readonly id: string;
    readonly name: string;
    readonly figures: Figures;
    readonly channels: Readonly<Record<string, Figures>>;
  }[];
  readonly counters: readonly {
    readonly name: string;
    readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
  }[];
}

/** Ten minutes of pictures. */
const KEPT = 600;

interface Moment {
  readonly atMs: number;
  readonly picture: Picture;
}

export function OverviewPage(): JSX.Element {
  const id = instanceId.value;
  const path = instances.value === undefined ? undefined : `overview${id ? `?instance=${id}` : ""}`;
  const { value: moments = [], error } = useFollowed<Picture, readonly Moment[]>(path, (before = [], picture) => [
    ...before.slice(1 - KEPT),
    { atMs: Date.now(), picture },
  ]);
  const now = moments.at(-1)?.picture;
  return (
    <>
      <h1>Overview</h1>
      <Failure error={error} />
      {now && <Now picture={now} />}
      {moments.length > 1 && <OverTime moments={moments} />}
      {instances.value?.length === 0 && (
        <Empty>There is no Connect instance yet. Whatever creates one (an SDK, the CLI) makes it appear here.</Empty>
      )}
    </>
  );
}

function Now({ picture: { queues = [] } }: { readonly picture: Picture }): JSX.Element {
  const sum = (metric: string): number => queues.reduce((total, { figures }) => total + (figures[metric] ?? 0), 0);
  const most = (metric: string): number => Math.max(0, ...queues.map(({ figures }) => figures[metric] ?? 0));
  return (
    <>
      <div class="figures">
        <Figure name="waiting" value={sum("CONTACTS_IN_QUEUE")} to={href(["contacts"], { state: "waiting" })} />
        <Figure name="longest wait" value={duration(most("OLDEST_CONTACT_AGE"))} />
        <Figure name="with agents" value={sum("SLOTS_ACTIVE")} to={href(["contacts"], { state: "with-agent" })} />
        <Figure name="agents available" value={most("AGENTS_AVAILABLE")} />
        <Figure name="agents online" value={most("AGENTS_ONLINE")} />
      </div>
      {queues.length > 0 && (
        <table>
          <caption>Queues</caption>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" class="number">
                Waiting
              </th>
              <th scope="col" class="number">
                Longest wait
              </th>
              <th scope="col" class="number">
                With agents
              </th>
              <th scope="col" class="number">
                Agents available
              </th>
              <th scope="col" class="number">
                After contact
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map(({ id, name, figures }) => (
              <tr key={id}>
                <th scope="row">
                  <a href={href(["contacts"], { queue: id })}>{name}</a>
                </th>
                <td class="number">{figures.CONTACTS_IN_QUEUE ?? 0}</td>
                <td class="number">{duration(figures.OLDEST_CONTACT_AGE ?? 0)}</td>
                <td class="number">{figures.SLOTS_ACTIVE ?? 0}</td>
                <td class="number">{figures.AGENTS_AVAILABLE ?? 0}</td>
                <td class="number">{figures.AGENTS_AFTER_CONTACT_WORK ?? 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function OverTime({ moments }: { readonly moments: readonly Moment[] }): JSX.Element {
  const timesMs = moments.map(({ atMs }) => atMs);
  const total = (metric: string): number[] =>
    moments.map(({ picture }) => (picture.queues ?? []).reduce((sum, { figures }) => sum + (figures[metric] ?? 0), 0));
  const rate = (counter: string): number[] => {
    const counts = moments.map(({ picture }) => countOf(picture, counter));
    return counts.map((count, at) => {
      const seconds = ((timesMs[at] ?? 0) - (timesMs[at - 1] ?? 0)) / 1000;
      return at === 0 || seconds <= 0 ? 0 : Math.max(0, (count - (counts[at - 1] ?? 0)) / seconds);
    });
  };
  return (
    <div class="charts">
      <section class="card">
        <h2>Contacts</h2>
        <Chart
          label="Contacts"
          timesMs={timesMs}
          series={[
            { name: "waiting", color: "--chart-1", values: total("CONTACTS_IN_QUEUE") },
            { name: "with agents", color: "--chart-2", values: total("SLOTS_ACTIVE") },
          ]}
        />
      </section>
      <section class="card">
        <h2>Events a second</h2>
        <Chart
          label="Events a second"
          timesMs={timesMs}
          series={[
            { name: "on buses", color: "--chart-1", values: rate("trunkline_bus_events_total") },
            { name: "matched", color: "--chart-2", values: rate("trunkline_matched_events_total") },
            { name: "delivered or failed", color: "--chart-3", values: rate("trunkline_deliveries_total") },
          ]}
        />
      </section>
    </div>
  );
}

function countOf({ counters }: Picture, name: string): number {
  const counter = counters.find((one) => one.name === name);
  return (counter?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${Math.round(seconds)} s` : `${minutes} min ${Math.round(seconds % 60)} s`;
}
