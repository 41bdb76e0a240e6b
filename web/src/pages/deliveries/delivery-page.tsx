import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Arn } from "../../parts/arn.tsx";
import { ActionButton } from "../../parts/form.tsx";
import { Failure } from "../../parts/notes.tsx";
import { Id, PageHead } from "../../parts/page.tsx";
import { Payload } from "../../parts/payload.tsx";
import { shownDuration, Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route } from "../../route.ts";
import { read, region } from "../../server.ts";
import { attemptNow } from "./deliveries-page.tsx";
import type { Attempt, Owed } from "./delivery-data.ts";
import { Outcome, ShownReason, Took } from "./outcome.tsx";
import "./deliveries.css";

/** One delivery. What is not owed any more is known by its attempts alone. */
type Delivery = Partial<Owed> & {
  readonly id: string;
  readonly target: string;
  readonly rule: string;
  readonly state: string;
  readonly attempts: readonly Attempt[];
  readonly isWhole: boolean;
};

/** What became of one event that was owed to one target: attempt by attempt. */
export function DeliveryPage(): JSX.Element {
  const [, id = ""] = route.value.path;
  const since = route.value.query.get("since");
  const { value, error, reload } = useLoaded(
    `${id} ${region.value}`,
    (signal) =>
      read<Delivery>(
        `deliveries/${encodeURIComponent(id)}${since ? `?since=${encodeURIComponent(since)}` : ""}`,
        signal,
      ),
    { everyMs: 2000 },
  );
  // The button stays and says what it has done.
  const wasOwed = useRef(false);
  wasOwed.current ||= value?.due !== undefined;
  return (
    <>
      <PageHead
        title={
          <>
            Delivery <Id id={id} />
          </>
        }
        crumbs={[{ title: "Deliveries", to: href(["deliveries"]) }]}
      >
        {wasOwed.current && (
          <ActionButton disabled={!value?.due} act={() => attemptNow({ delivery: id }, reload)}>
            Try now
          </ActionButton>
        )}
      </PageHead>
      <Failure error={error} />
      {value && <Shown delivery={value} />}
    </>
  );
}

function Shown({ delivery }: { readonly delivery: Delivery }): JSX.Element {
  const { target, rule, state, taken, due, failure, event, sent, deadLetterQueue, attempts, isWhole } = delivery;
  return (
    <>
      <section class="card">
        <dl class="facts">
          <dt>State</dt>
          <dd>{due ? <span class="state warn">{state}</span> : <Outcome outcome={state} />}</dd>
          <dt>Target</dt>
          <dd>
            <Arn arn={target} />
          </dd>
          <dt>Rule</dt>
          <dd>
            <Arn arn={rule} />
          </dd>
          {(taken ?? attempts[0]?.taken) && (
            <>
              <dt>Event taken in</dt>
              <dd>
                <Time at={taken ?? attempts[0]?.taken} />
              </dd>
            </>
          )}
          {due && (
            <>
              <dt>Due</dt>
              <dd>
                <Time at={due} />
              </dd>
            </>
          )}
          {failure && (
            <>
              <dt>Last failure</dt>
              <dd>
                <ShownReason reason={failure} />
              </dd>
            </>
          )}
          {state === "dead-lettered" && <DeadLetters rule={rule} target={target} />}
          {deadLetterQueue && (
            <>
              <dt>Dead-letter queue</dt>
              <dd>
                <Arn arn={deadLetterQueue} />
              </dd>
            </>
          )}
        </dl>
      </section>
      <section class="card">
        <h2>Attempts</h2>
        {attempts.length === 0 && <p class="empty">None was made yet.</p>}
        {attempts.length > 0 && <Axis attempts={attempts} due={due} />}
        <ol class="attempts">
          {attempts.map((attempt) => (
            <li key={`${attempt.attempt} ${attempt.time}`}>
              <span>
                <strong>{attempt.attempt}</strong> <Time at={attempt.time} />
              </span>
              <Outcome outcome={attempt.outcome} />
              <span>
                <Took attempt={attempt} />
              </span>
              <ShownReason reason={attempt.failure} />
              {attempt.answer?.body && (
                <details>
                  <summary>What it answered</summary>
                  <Payload text={attempt.answer.body} name="answer" />
                </details>
              )}
            </li>
          ))}
        </ol>
        {!isWhole && (
          <p class="faint">There may be more: too much else was attempted meanwhile to look through it all.</p>
        )}
      </section>
      {event !== undefined && (
        <section class="card">
          <h2>Event</h2>
          <Payload text={event} name="event" />
        </section>
      )}
      {sent !== undefined && (
        <section class="card">
          <h2>What the target is sent of it</h2>
          <Payload text={sent} name="sent" />
        </section>
      )}
    </>
  );
}

/** Where it lies now, to be sent again from there. */
function DeadLetters({ rule, target }: { readonly rule: string; readonly target: string }): JSX.Element {
  const { value } = useLoaded(`dead letters ${region.value}`, (signal) =>
    read<{ queues: readonly DeadLetterQueue[] }>("dead-letters", signal),
  );
  const queues = value?.queues.filter(({ sources }) =>
    sources.some((source) => source.rule === rule && source.target === target),
  );
  return (
    <>
      <dt>It lies in</dt>
      <dd>
        {queues?.map(({ name }) => (
          <span key={name}>
            <a href={href(["dead-letters", name])}>{name}</a>, from where it can be redriven{" "}
          </span>
        ))}
        {queues?.length === 0 &&
          "no queue that takes dead letters now: it was told of as an event, or its rule has changed"}
      </dd>
    </>
  );
}

/** As `GET dead-letters` tells it. */
interface DeadLetterQueue {
  readonly name: string;
  readonly sources: readonly { readonly rule?: string; readonly target?: string }[];
}

/** Attempts on a line of time, and when the next one is due. */
function Axis({
  attempts,
  due,
}: {
  readonly attempts: readonly Attempt[];
  readonly due: string | undefined;
}): JSX.Element {
  const first = Date.parse(attempts[0]?.taken ?? attempts[0]?.time ?? "");
  const last = Date.parse(due ?? attempts.at(-1)?.time ?? "");
  const place = (at: string): string => `${last > first ? ((Date.parse(at) - first) / (last - first)) * 100 : 50}%`;
  const label = `${attempts.length} attempts within ${shownDuration(last - first)}${due ? ", up to when the next one is due" : ""}`;
  return (
    <div class="attempts-axis" role="img" aria-label={label}>
      {attempts.map((attempt) => (
        <span
          key={`${attempt.attempt} ${attempt.time}`}
          class={`mark-${attempt.outcome}`}
          style={{ left: place(attempt.time) }}
          title={`Attempt ${attempt.attempt}: ${attempt.outcome}, ${attempt.time}`}
        />
      ))}
      {due && <span class="mark-due" style={{ left: "100%" }} title={`Due ${due}`} />}
      <p class="faint">{label}</p>
    </div>
  );
}
