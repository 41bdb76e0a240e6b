import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { loadInstances } from "../instance.ts";
import { DemoOffer } from "../parts/demo-offer.tsx";
import { ActionButton, ConfirmButton, TextField } from "../parts/form.tsx";
import { Failure } from "../parts/notes.tsx";
import { PageHead } from "../parts/page.tsx";
import { shownDuration, shownMoment } from "../parts/time.tsx";
import { useLoaded } from "../query.ts";
import { href } from "../route.ts";
import { post, read, region, session } from "../server.ts";
import { Simulator } from "./simulator.tsx";
import "./calls.css";
import "./operate.css";

/** What can be done to the centre as a whole: its time, its callers, its end. */
export function OperatePage(): JSX.Element {
  return (
    <>
      <PageHead title="Operate" />
      <DemoOffer />
      <div class="operate">
        <Clock />
        <Simulator key={`${session.value?.accessKeyId} ${region.value}`} />
        <Server />
      </div>
    </>
  );
}

const STEPS = [
  ["PT1M", "a minute"],
  ["PT15M", "15 minutes"],
  ["PT1H", "an hour"],
  ["P1D", "a day"],
  ["P7D", "a week"],
] as const;

/** With its date, always: a manual clock may stand years from here. */
interface ClockNow {
  readonly now: string;
  readonly mode: "manual" | "real" | "catching-up";
}

const CLOCK_WORDS: Readonly<Record<ClockNow["mode"], string>> = {
  manual: "It stands still until it is moved.",
  real: "It runs by itself. Start the server with --clock manual to move it.",
  "catching-up": "A past is being played; the clock catches up, and then runs by itself.",
};

function Clock(): JSX.Element {
  const { value, error, reload } = useLoaded("clock", (signal) => read<ClockNow>("clock", signal), { everyMs: 1000 });
  const duration = useSignal("PT5M");
  const to = useSignal("");
  const move = async (body: { readonly advance: string } | { readonly to: string }): Promise<string> => {
    const { now, running } = await post<{ now: string; running: readonly string[] }>("clock", body);
    reload();
    const until = `It is ${shownMoment(now)} now`;
    return running.length === 0 ? `${until}.` : `${until}; still running: ${running.join(", ")}.`;
  };
  return (
    <section class="card" aria-label="Clock">
      <h2>Clock</h2>
      <Failure error={error} />
      <p class="clock-now">{value && <time dateTime={value.now}>{shownMoment(value.now)}</time>}</p>
      <p class="faint">{value && CLOCK_WORDS[value.mode]}</p>
      {value?.mode === "manual" && (
        <>
          <div class="filters">
            {STEPS.map(([step, name]) => (
              <ActionButton key={step} act={() => move({ advance: step })}>
                Advance {name}
              </ActionButton>
            ))}
          </div>
          <form class="moves" onSubmit={(event) => event.preventDefault()}>
            <TextField
              label="By a duration"
              hint="ISO 8601: PT90S, PT2H, P3D"
              value={duration.value}
              onText={(text) => (duration.value = text)}
            />
            <div>
              <ActionButton act={() => move({ advance: duration.value.trim() })}>Advance</ActionButton>
            </div>
            <TextField
              label="To a time"
              hint="ISO 8601, and not before now"
              placeholder={value.now}
              value={to.value}
              onText={(text) => (to.value = text)}
            />
            <div>
              <ActionButton act={() => move({ to: to.value.trim() })}>Go there</ActionButton>
            </div>
          </form>
        </>
      )}
    </section>
  );
}

/** As `GET /_trunkline/server` answers. */
interface Facts {
  readonly version: string;
  readonly canReset: boolean;
  readonly url: string;
  readonly begun: string;
  readonly upSeconds: number;
  readonly data: { readonly kind: "memory" | "folder"; readonly folder?: string };
  readonly store: string;
  readonly limits: { readonly enforced: boolean; readonly changed: Readonly<Record<string, number>> };
  readonly delivery: "like-aws" | "at-once";
  readonly mails: "mail-server" | "mailbox";
  readonly files: "outside-s3" | "own-buckets";
  readonly node: string;
  readonly memoryBytes: number;
}

function Server(): JSX.Element {
  const { value: facts, error } = useLoaded("server", (signal) => read<Facts>("server", signal), { everyMs: 5000 });
  return (
    <section class="card" aria-label="Server">
      <h2>Server</h2>
      <Failure error={error} />
      {facts && <FactList facts={facts} />}
      <h3>Reset</h3>
      {facts?.canReset === true && <Reset />}
      {facts?.canReset === false && (
        <p class="faint">
          Data is kept in {facts.data.folder}. A server that was started with <code>--data :memory:</code> can be reset
          here; this one begins anew with another data folder.
        </p>
      )}
    </section>
  );
}

function FactList({ facts }: { readonly facts: Facts }): JSX.Element {
  const changed = Object.entries(facts.limits.changed);
  const rows: readonly (readonly [string, string | JSX.Element])[] = [
    ["Version", `Trunkline ${facts.version}, Node ${facts.node}`],
    ["Address", facts.url],
    ["Up for", shownDuration(facts.upSeconds * 1000)],
    ["Memory", `${Math.round(facts.memoryBytes / 1024 / 1024)} MiB`],
    ["Data", facts.data.kind === "memory" ? "in memory, until it stops" : `in the folder ${facts.data.folder}`],
    ["Store", facts.store],
    [
      "Limits",
      `${facts.limits.enforced ? "quotas and rates are enforced" : "quotas and rates are not enforced"}${changed
        .map(([name, value]) => `; ${name} is ${value}`)
        .join("")}`,
    ],
    ["Delivery", facts.delivery === "like-aws" ? "late, out of order and at times twice, as AWS" : "in order, at once"],
    ["Mails", facts.mails === "mailbox" ? <a href={href(["mailbox"])}>into the mailbox</a> : "to a mail server"],
    ["Files", facts.files === "outside-s3" ? "to an S3 endpoint outside" : "into own buckets"],
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <>
          <dt key={name}>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

function Reset(): JSX.Element {
  const reset = async (): Promise<string> => {
    await post("reset");
    await loadInstances().catch(() => {});
    return "Everything was thrown away: the server is as new.";
  };
  return (
    <ConfirmButton
      act={reset}
      confirm="Throw everything away"
      question="All data of all accounts is thrown away: instances, contacts, profiles, streams, rules. It cannot be undone."
    >
      Reset …
    </ConfirmButton>
  );
}
