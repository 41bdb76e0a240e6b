import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton } from "../../parts/form.tsx";
import { Json, Unfolding } from "../../parts/json.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { shownDuration, Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route } from "../../route.ts";
import { call, post, read } from "../../server.ts";
import { type FlowStatus, flowPath, isGoing, type RunStatus, toneOf } from "./flow.ts";
import "../../parts/items.css";
import "./integrations.css";

type Flow = FlowStatus & { readonly runs: readonly RunStatus[] };

/** One flow: its runs as they move, what it does with each record, and what starts and stops it. */
export function FlowPage(): JSX.Element {
  const [, name = ""] = route.value.path;
  const { value, error, reload } = useLoaded(name, (signal) => read<Flow>(flowPath(name), signal), { everyMs: 1000 });
  const crumbs = [{ title: "Integrations", to: href(["integrations"]) }];
  if (!value) {
    return (
      <>
        <PageHead title={name} crumbs={crumbs} />
        <Failure error={error} />
      </>
    );
  }
  const { status, connector, object, destination, message, runs } = value;
  const last = runs[0];
  return (
    <>
      <PageHead title={name} crumbs={crumbs}>
        <FlowActions flow={value} onDone={reload} />
      </PageHead>
      <p class="buttons spaced">
        <span class={`badge ${toneOf(status)}`}>{status}</span>
        <span>
          {connector} {object} → <a href={href(["profiles", destination])}>{destination}</a>
        </span>
        <span class="faint">
          {value.schedule ?? value.trigger}
          {value.nextRun && (
            <>
              , next <Time at={value.nextRun} />
            </>
          )}
        </span>
      </p>
      <Failure error={error} />
      {message && (
        <p class="failure" role="status">
          The last run failed: {message}
        </p>
      )}
      {last && (
        <div class="figures">
          <Figure name={`last run: ${last.status}`} value={shownDuration(last.durationMs)} />
          <Figure name="read" value={last.read} />
          <Figure name="filtered" value={last.filtered} />
          <Figure name="dropped" value={last.dropped} />
          <Figure name="failed" value={last.failed} />
          <Figure name="ingested" value={last.ingested} to={href(["profiles", destination])} />
        </div>
      )}
      <Tabs
        key={name}
        label="Parts of the flow"
        tabs={[
          { name: "runs", title: "Runs", count: runs.length, view: () => <Runs name={name} runs={runs} /> },
          { name: "tasks", title: "Tasks", view: () => <Definition flow={value} only="tasks" /> },
          { name: "json", title: "JSON", view: () => <Definition flow={value} /> },
        ]}
      />
    </>
  );
}

/** What can be done to a flow in its state. */
function FlowActions({ flow, onDone }: { readonly flow: Flow; onDone(): void }): JSX.Element {
  const { name, status, trigger, isHidden, runs } = flow;
  const going = runs.find(isGoing);
  const flowName = name;
  const does = (act: () => Promise<unknown>, said: string) => async (): Promise<string> => {
    await act();
    onDone();
    return said;
  };
  return (
    <>
      <ActionButton
        isPrimary
        disabled={going !== undefined}
        act={does(() => post(`${flowPath(name)}/runs`), "A run has been started")}
      >
        Run now
      </ActionButton>
      {going && !isHidden && (
        <ActionButton
          act={does(
            () => call("appflow", "CancelFlowExecutions", { flowName, executionIds: [going.id] }),
            "The run is being cancelled",
          )}
        >
          Cancel the run
        </ActionButton>
      )}
      {trigger !== "OnDemand" && !isHidden && (
        <ActionButton
          key={status}
          act={does(
            () => call("appflow", status === "Suspended" ? "StartFlow" : "StopFlow", { flowName }),
            status === "Suspended" ? "It runs by itself again" : "It runs by itself no more",
          )}
        >
          {status === "Suspended" ? "Start" : "Stop"}
        </ActionButton>
      )}
    </>
  );
}

function Runs({ name, runs }: { readonly name: string; readonly runs: readonly RunStatus[] }): JSX.Element {
  const chosen = route.value.query.get("run") ?? undefined;
  if (runs.length === 0) return <Empty>It has not run yet. “Run now” starts a run, whatever its trigger is.</Empty>;
  return (
    <>
      {chosen && <Run name={name} id={chosen} />}
      <DataTable
        label="Runs"
        rows={runs}
        keyOf={({ id }) => id}
        isChosen={({ id }) => id === chosen}
        columns={[
          {
            name: "Began",
            cell: ({ id, started }) => (
              <a href={href(["integrations", name], { run: id })}>
                <Time at={started} />
              </a>
            ),
          },
          { name: "State", cell: ({ status }) => <span class={toneOf(status)}>{status}</span> },
          { name: "Because of", cell: ({ cause }) => cause },
          { name: "Took", isNumber: true, cell: ({ durationMs }) => shownDuration(durationMs) },
          { name: "Read", isNumber: true, cell: (run) => run.read },
          { name: "Filtered", isNumber: true, cell: ({ filtered }) => filtered },
          { name: "Dropped", isNumber: true, cell: ({ dropped }) => dropped },
          { name: "Failed", isNumber: true, cell: ({ failed }) => failed },
          { name: "Ingested", isNumber: true, cell: ({ ingested }) => ingested },
          { name: "Message", cell: ({ message }) => message },
        ]}
      />
    </>
  );
}

/** One run as it moves, with all that is known of it. */
function Run({ name, id }: { readonly name: string; readonly id: string }): JSX.Element {
  const { value, error } = useLoaded(
    `${name}/${id}`,
    (signal) => read<RunStatus>(`${flowPath(name)}/runs/${encodeURIComponent(id)}`, signal),
    { everyMs: 1000 },
  );
  if (!value) return <Failure error={error} />;
  const { status, read: records, ingested, filtered, dropped, failed, progress, message, from, to } = value;
  const done = ingested + filtered + dropped + failed;
  return (
    <section class="card" aria-label="Run">
      <h2>
        Run {id} <span class={toneOf(status)}>{status}</span>
      </h2>
      <p>
        {isGoing(value) && <progress aria-label="The run goes on" />} {done} of {records} records that were read are
        through: {ingested} ingested, {filtered} filtered, {dropped} dropped, {failed} failed.
        {failed > 0 && " What failed is in the dead-letter queue of the domain, each with its reason."}
      </p>
      {(from || to) && (
        <p class="faint">
          Reads what changed from <Time at={from} /> to <Time at={to} />.
        </p>
      )}
      {progress && <p class="faint">It reads at {progress}.</p>}
      {message && <p class="failure">{message}</p>}
      <Unfolding summary="JSON" document={value} />
      <p>
        <a href={href(["integrations", name])}>Close</a>
      </p>
    </section>
  );
}

interface Task {
  readonly taskType: string;
  readonly sourceFields: readonly string[];
  readonly destinationField?: string;
  readonly connectorOperator?: Readonly<Record<string, string>>;
  readonly taskProperties?: Readonly<Record<string, string>>;
}

/** The flow as AppFlow's API describes it, or its tasks alone. */
function Definition({ flow, only }: { readonly flow: Flow; readonly only?: "tasks" }): JSX.Element {
  const { name, isHidden } = flow;
  const { value, error } = useLoaded(isHidden ? undefined : name, (signal) =>
    call<{ readonly tasks?: readonly Task[] }>("appflow", "DescribeFlow", { flowName: name }, signal),
  );
  if (isHidden) {
    return (
      <>
        <Empty>
          This flow was made for a bucket's integration: AppFlow's API does not show it, and it has no tasks.
        </Empty>
        <Json value={flow} name={name} />
      </>
    );
  }
  if (!value) return <Failure error={error} />;
  if (only === undefined) return <Json value={value} open={3} name={name} />;
  const { tasks = [] } = value;
  if (tasks.length === 0) return <Empty>It has no tasks: records go on as they are read.</Empty>;
  return (
    <>
      <DataTable
        label="Tasks"
        rows={tasks.map((task, place) => ({ ...task, place }))}
        keyOf={({ place }) => String(place)}
        columns={[
          { name: "Task", cell: ({ taskType }) => taskType },
          { name: "Operator", cell: ({ connectorOperator }) => Object.values(connectorOperator ?? {}).join(" ") },
          { name: "Of", cell: ({ sourceFields }) => sourceFields.join(", ") },
          { name: "As", cell: ({ destinationField }) => destinationField },
          {
            name: "With",
            cell: ({ taskProperties }) =>
              Object.entries(taskProperties ?? {})
                .map(([property, value]) => `${property} ${value}`)
                .join(", "),
          },
        ]}
      />
      <Json value={tasks} open={1} name={`${name}-tasks`} />
    </>
  );
}
