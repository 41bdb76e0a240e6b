import type { JSX } from "preact";
import { Failure } from "../parts/notes.tsx";
import { Tail } from "../parts/tail.tsx";
import { useLoaded } from "../query.ts";
import { href, route } from "../route.ts";
import { call, region, session } from "../server.ts";
import { BusRules } from "./bus-rules.tsx";

const PAGE = 100;

/** The event buses of the account. */
export function BusesPage(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) =>
      call<{ EventBuses?: readonly { Name: string; Description?: string }[] }>(
        "events",
        "ListEventBuses",
        { Limit: PAGE },
        signal,
      ),
    { everyMs: 5000 },
  );
  return (
    <>
      <h1>Event buses</h1>
      <Failure error={error} />
      <ul class="cards">
        {(value?.EventBuses ?? []).map(({ Name, Description }) => (
          <li key={Name} class="card">
            <a href={href(["buses", Name])}>{Name}</a>
            <p class="faint">{Description}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** One bus: its events as they arrive, its rules, and one event against all of them. */
export function BusPage(): JSX.Element {
  const [, name = ""] = route.value.path;
  return (
    <>
      <h1>Bus {name}</h1>
      <BusRules bus={name} />
      <section>
        <h2>Events</h2>
        <Tail name={`event-bus/${name}`} summaryOf={eventSummary} />
      </section>
    </>
  );
}

function eventSummary(document: unknown): string {
  const { time = "", source = "", "detail-type": type = "" } = document as Readonly<Record<string, string>>;
  return `${time.slice(11, 19)}  ${source}  ${type}`;
}
