import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DemoOffer } from "../parts/demo-offer.tsx";
import { Json } from "../parts/json.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { useLoaded } from "../query.ts";
import { post, read, region, session } from "../server.ts";

/** The contact centre's clock, and what can be done to the whole server. */
export function OperatePage(): JSX.Element {
  return (
    <>
      <h1>Operate</h1>
      <DemoOffer />
      <Clock />
      <Mailbox />
    </>
  );
}

const STEPS = [
  ["PT1M", "a minute"],
  ["PT1H", "an hour"],
  ["P1D", "a day"],
] as const;

function Clock(): JSX.Element {
  const failure = useSignal<Error | undefined>(undefined);
  const moving = useSignal(false);
  const { value, error, reload } = useLoaded(
    "clock",
    (signal) => read<{ now: string; mode: string }>("clock", signal),
    { everyMs: 1000 },
  );
  const advance = async (duration: string): Promise<void> => {
    moving.value = true;
    failure.value = undefined;
    try {
      const { running } = await post<{ running: readonly string[] }>("clock", { advance: duration });
      if (running.length > 0) failure.value = new Error(`Still running: ${running.join(", ")}`);
    } catch (refusal) {
      failure.value = refusal as Error;
    }
    moving.value = false;
    reload();
  };
  return (
    <section class="card spaced">
      <h2>Clock</h2>
      <Failure error={error ?? failure.value} />
      <p>
        <strong>{value && new Date(value.now).toLocaleString()}</strong>{" "}
        <span class="faint">{value?.mode === "manual" ? "stands still until it is moved" : "runs by itself"}</span>
      </p>
      {value?.mode === "manual" && (
        <div class="filters">
          {STEPS.map(([duration, name]) => (
            <button key={duration} type="button" disabled={moving.value} onClick={() => void advance(duration)}>
              Advance {name}
            </button>
          ))}
        </div>
      )}
    </section>
  );
}

interface Mail {
  readonly id: string;
  readonly subject?: string;
  readonly to?: readonly string[] | string;
  readonly sent: string;
}

function Mailbox(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ mails: readonly Mail[] }>("mailbox?limit=50", signal),
    { everyMs: 3000 },
  );
  return (
    <section class="card spaced">
      <h2>Mailbox</h2>
      <Failure error={error} />
      {value?.mails.length === 0 && <Empty>No rule has sent a mail.</Empty>}
      {value?.mails.map((mail) => (
        <details key={mail.id}>
          <summary>
            {new Date(mail.sent).toLocaleString()} {mail.subject}
          </summary>
          <Json value={mail} />
        </details>
      ))}
    </section>
  );
}
