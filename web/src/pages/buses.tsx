import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataTable } from "../parts/data-table.tsx";
import { ActionButton, ConfirmButton, TextField } from "../parts/form.tsx";
import { Failure } from "../parts/notes.tsx";
import { PageHead } from "../parts/page.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Tail } from "../parts/tail.tsx";
import { useLoaded } from "../query.ts";
import { nodeTraffic, useRates } from "../rates.ts";
import { go, href, route } from "../route.ts";
import { call, region, session } from "../server.ts";
import { Archives } from "./bus/archives.tsx";
import { PutEvent } from "./bus/put-event.tsx";
import { BusRules } from "./bus-rules.tsx";
import { shownRate } from "./overview/picture.ts";

const PAGE = 100;

/** The event buses of the account. */
export function BusesPage(): JSX.Element {
  const { value, error, reload } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) =>
      call<{ EventBuses?: readonly { Name: string; Arn: string; Description?: string }[] }>(
        "events",
        "ListEventBuses",
        { Limit: PAGE },
        signal,
      ),
    { everyMs: 5000 },
  );
  const { value: rates } = useRates();
  return (
    <>
      <PageHead title="Event buses" />
      <Failure error={error} />
      <Create onCreated={reload} />
      {value && (
        <DataTable
          label="Event buses"
          rows={value.EventBuses ?? []}
          keyOf={({ Name }) => Name}
          columns={[
            { name: "Bus", cell: ({ Name }) => <a href={href(["buses", Name])}>{Name}</a> },
            { name: "Events/s", isNumber: true, cell: ({ Arn }) => rates && shownRate(nodeTraffic(rates, Arn).rate) },
            {
              name: "Since the server started",
              isNumber: true,
              cell: ({ Arn }) => rates && nodeTraffic(rates, Arn).went.toLocaleString(),
            },
            { name: "Description", cell: ({ Description }) => Description },
          ]}
        />
      )}
    </>
  );
}

function Create({ onCreated }: { onCreated(): void }): JSX.Element {
  const name = useSignal("");
  const create = async (): Promise<string> => {
    await call("events", "CreateEventBus", { Name: name.value });
    onCreated();
    return `${name.value} is there`;
  };
  return (
    <details class="card spaced">
      <summary>Create a bus</summary>
      <div class="form">
        <TextField label="Bus name" value={name.value} onText={(text) => (name.value = text)} />
        <ActionButton isPrimary disabled={name.value === ""} act={create}>
          Create
        </ActionButton>
      </div>
    </details>
  );
}

/** One bus: its rules, its events as they arrive, one put by hand, and what is kept to be replayed. */
export function BusPage(): JSX.Element {
  const [, name = ""] = route.value.path;
  const remove = async (): Promise<undefined> => {
    await call("events", "DeleteEventBus", { Name: name });
    go(href(["buses"]));
  };
  return (
    <>
      <PageHead title={`Bus ${name}`} crumbs={[{ title: "Event buses", to: href(["buses"]) }]}>
        {name !== "default" && (
          <ConfirmButton
            act={remove}
            question={`Deletes bus ${name}. Its rules must be gone before.`}
            confirm="Delete bus"
          >
            Delete …
          </ConfirmButton>
        )}
      </PageHead>
      <Tabs
        label={`Bus ${name}`}
        tabs={[
          { name: "events", title: "Rules and events", view: () => <RulesAndEvents name={name} /> },
          { name: "put", title: "Put an event", view: () => <PutEvent bus={name} /> },
          { name: "archives", title: "Archives and replays", view: () => <Archives bus={name} /> },
        ]}
      />
    </>
  );
}

function RulesAndEvents({ name }: { readonly name: string }): JSX.Element {
  return (
    <>
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
