import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { read, region, session } from "../../server.ts";
import { type FlowStatus, isGoing, toneOf } from "./flow.ts";

/** All flows of the account with how they are and what their last run brought. */
export function Flows(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    async (signal) => (await read<{ flows: readonly FlowStatus[] }>("flows", signal)).flows,
    { everyMs: 2000 },
  );
  const { query } = route.value;
  const text = (query.get("text") ?? "").toLowerCase();
  const state = query.get("state") ?? "";
  const flows = value ?? [];
  const found = flows.filter(
    (flow) => stateMet(flow, state) && `${flow.name} ${flow.object ?? ""}`.toLowerCase().includes(text),
  );
  const count = (wanted: string): number => flows.filter((flow) => stateMet(flow, wanted)).length;
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>
          No flow yet. PutIntegration of Customer Profiles with a FlowDefinition makes one, which brings records of
          Salesforce, Zendesk, Marketo, ServiceNow or S3 into a domain.
        </Empty>
      )}
      {flows.length > 0 && (
        <>
          <div class="figures">
            <Figure name="flows" value={flows.length} to={href(["integrations"])} />
            <Figure name="running" value={count("running")} to={href(["integrations"], { state: "running" })} />
            <Figure name="unhealthy" value={count("unhealthy")} to={href(["integrations"], { state: "unhealthy" })} />
          </div>
          <search class="filters">
            <label>
              Name or object{" "}
              <input
                type="search"
                value={query.get("text") ?? ""}
                onInput={(event) => setQuery({ text: event.currentTarget.value })}
              />
            </label>
            <label>
              Which{" "}
              <select value={state} onChange={(event) => setQuery({ state: event.currentTarget.value })}>
                <option value="">all</option>
                <option value="running">running</option>
                <option value="unhealthy">unhealthy</option>
              </select>
            </label>
          </search>
          {found.length === 0 ? <Empty>No flow is like that.</Empty> : <FlowTable flows={found} />}
        </>
      )}
    </>
  );
}

function stateMet({ health, lastRun }: FlowStatus, state: string): boolean {
  if (state === "unhealthy") return health === "UNHEALTHY";
  return state !== "running" || (lastRun !== undefined && isGoing(lastRun));
}

function FlowTable({ flows }: { readonly flows: readonly FlowStatus[] }): JSX.Element {
  return (
    <DataTable
      label="Flows"
      rows={flows}
      keyOf={({ name }) => name}
      columns={[
        { name: "Flow", cell: ({ name }) => <a href={href(["integrations", name])}>{name}</a> },
        { name: "State", cell: ({ status }) => <span class={toneOf(status)}>{status}</span> },
        { name: "From", cell: ({ connector, object }) => `${connector} ${object ?? ""}` },
        { name: "To", cell: ({ destination }) => <a href={href(["profiles", destination])}>{destination}</a> },
        { name: "Runs", cell: ({ trigger, schedule }) => schedule ?? TRIGGERS[trigger] },
        {
          name: "Last run",
          cell: ({ name, lastRun }) =>
            lastRun && (
              <a class={toneOf(lastRun.status)} href={href(["integrations", name], { run: lastRun.id })}>
                {lastRun.status}
              </a>
            ),
        },
        { name: "When", cell: ({ lastRun }) => <Time at={lastRun?.started} /> },
        { name: "Read", isNumber: true, cell: ({ lastRun }) => lastRun?.read },
        { name: "Ingested", isNumber: true, cell: ({ lastRun }) => lastRun?.ingested },
        { name: "Failed", isNumber: true, cell: ({ lastRun }) => lastRun?.failed },
        { name: "Next", cell: ({ nextRun }) => <Time at={nextRun} /> },
        { name: "What is wrong", cell: ({ message }) => message && <span class="bad">{message}</span> },
      ]}
    />
  );
}

const TRIGGERS = { OnDemand: "on demand", Scheduled: "by a schedule", Event: "with events" };
