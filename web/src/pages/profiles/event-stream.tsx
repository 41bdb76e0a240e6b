import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ActionButton, ConfirmButton, TextField } from "../../parts/form.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { read, region, session } from "../../server.ts";
import { ask } from "./domain-data.ts";

/** As `GET /_trunkline/profile-domains/DOMAIN/event-stream` tells it. */
interface Health {
  readonly name: string;
  readonly uri: string;
  readonly state: "RUNNING" | "STOPPED";
  readonly status: "HEALTHY" | "UNHEALTHY";
  readonly since?: string;
  readonly message: string;
  readonly created: string;
  readonly waiting: number;
  readonly lastTold?: string;
}

/** Where all changes of a domain's profiles are told, and whether they arrive. */
export function EventStreamTab({ domain }: { readonly domain: string }): JSX.Element {
  const { value, error, reload } = useLoaded(
    domain,
    (signal) => read<{ eventStream?: Health }>(`profile-domains/${encodeURIComponent(domain)}/event-stream`, signal),
    { everyMs: 3000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.eventStream && <Shown domain={domain} health={value.eventStream} onChange={reload} />}
      {value && !value.eventStream && <Creating domain={domain} onChange={reload} />}
    </>
  );
}

function Shown({
  domain,
  health: { name, uri, state, status, since, message, created, waiting, lastTold },
  onChange,
}: {
  readonly domain: string;
  readonly health: Health;
  onChange(): void;
}): JSX.Element {
  const isWell = state === "RUNNING" && status === "HEALTHY";
  const stream = uri.split("/").at(-1) ?? "";
  return (
    <section class="card">
      <h2>
        {name} <span class={isWell ? "state good" : "state bad"}>{isWell ? "healthy" : `${state}, ${status}`}</span>
      </h2>
      <div class="figures">
        <Figure name="records waiting" value={waiting} />
      </div>
      <dl class="facts">
        <dt>Destination</dt>
        <dd>
          <a href={href(["streams", stream])}>{uri}</a>
        </dd>
        <dt>Last delivered</dt>
        <dd>{lastTold ? <Time at={lastTold} /> : "nothing among the newest records of the stream"}</dd>
        {since && (
          <>
            <dt>{state === "STOPPED" ? "Stopped since" : "Unhealthy since"}</dt>
            <dd>
              <Time at={since} />
            </dd>
          </>
        )}
        <dt>It says</dt>
        <dd>{message || "–"}</dd>
        <dt>Created</dt>
        <dd>
          <Time at={created} />
        </dd>
      </dl>
      <ConfirmButton
        confirm="Delete event stream"
        question={`Delete event stream ${name}? Changes are told no more, and ${waiting} records that wait are dropped.`}
        act={async () => {
          await ask(domain, "DeleteEventStream", { EventStreamName: name });
          onChange();
        }}
      >
        Delete
      </ConfirmButton>
    </section>
  );
}

function Creating({ domain, onChange }: { readonly domain: string; onChange(): void }): JSX.Element {
  const name = useSignal(domain);
  const uri = useSignal(`arn:aws:kinesis:${region.value}:${session.value?.account ?? ""}:stream/`);
  return (
    <section class="card">
      <Empty>{domain} has no event stream: changes of its profiles are told to nobody.</Empty>
      <TextField label="Name" value={name.value} onText={(text) => (name.value = text)} />
      <TextField label="Stream of Kinesis" hint="Its ARN" value={uri.value} onText={(text) => (uri.value = text)} />
      <ActionButton
        isPrimary
        act={async () => {
          await ask(domain, "CreateEventStream", { EventStreamName: name.value, Uri: uri.value });
          onChange();
        }}
      >
        Create event stream
      </ActionButton>
    </section>
  );
}
