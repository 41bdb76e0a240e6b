import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { cliOf, sdkOf } from "../copied-call.ts";
import { Json } from "../parts/json.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { CopyButton, PageHead } from "../parts/page.tsx";
import { shownDuration, Time } from "../parts/time.tsx";
import { useFollowed } from "../query.ts";
import { href, route, setQuery } from "../route.ts";
import { read, region, session } from "../server.ts";
import "./calls.css";

/** As `GET /_trunkline/calls` tells it. */
interface Call {
  readonly number: number;
  readonly time: string;
  readonly service: string;
  readonly operation: string;
  readonly principalArn: string;
  readonly accessKeyId: string;
  readonly input?: unknown;
  readonly isCut: boolean;
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly durationMs: number;
  readonly requestId: string;
  readonly userAgent?: string;
  readonly via: "api" | "document" | "console";
}

/** As many lines as a reader can look through; older ones are loaded when they are asked for. */
const KEPT = 500;
const PAGE = 100;

interface Followed {
  /** The newest first. */
  readonly calls: readonly Call[];
  readonly missed: number;
}

const FILTERS = ["service", "operation", "status", "principal", "text"] as const;

/** What programs ask of the APIs, as they do. */
export function CallsPage(): JSX.Element {
  return <Calls key={`${session.value?.accessKeyId} ${region.value}`} />;
}

function Calls(): JSX.Element {
  const { query } = route.value;
  const isWithConsole = query.get("console") === "include";
  const asked = new URLSearchParams({ console: isWithConsole ? "include" : "exclude" });
  for (const name of FILTERS) if (query.get(name)) asked.set(name, query.get(name) ?? "");
  const { value, error } = useFollowed<Call | { readonly missed: number }, Followed>(
    `calls?${asked}&follow=true&after=0`,
    (before = { calls: [], missed: 0 }, item) =>
      "missed" in item
        ? { ...before, missed: before.missed + item.missed }
        : { ...before, calls: [item, ...before.calls].slice(0, KEPT) },
  );
  const frozen = useSignal<Followed | undefined>(undefined);
  const { calls, missed } = frozen.value ?? value ?? { calls: [], missed: 0 };
  return (
    <>
      <PageHead title="API calls">
        <button
          type="button"
          aria-pressed={frozen.value !== undefined}
          onClick={() => (frozen.value = frozen.value === undefined ? value : undefined)}
        >
          {frozen.value === undefined ? "Hold still" : "Go on"}
        </button>
      </PageHead>
      <Filters isWithConsole={isWithConsole} />
      <Failure error={error} />
      {calls.length === 0 && !error && (
        <Empty>
          No call yet that is looked for here. Point an SDK or the AWS CLI at <code>{location.origin}</code>: each call
          appears as it is answered. The last 2,000 are kept, in memory.
        </Empty>
      )}
      {calls.length > 0 && <List calls={calls} />}
      <Older
        key={asked.toString()}
        asked={asked}
        before={calls.at(-1)?.number}
        isMore={missed > 0 || calls.length === KEPT}
      />
    </>
  );
}

function Filters({ isWithConsole }: { readonly isWithConsole: boolean }): JSX.Element {
  const { query } = route.value;
  const text = (name: string, label: string, placeholder: string): JSX.Element => (
    <label>
      {label}
      <input
        type="search"
        placeholder={placeholder}
        value={query.get(name) ?? ""}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="filters call-filters">
      {text("service", "Service", "kinesis")}
      {text("operation", "Operation", "PutRecord")}
      <label>
        Status
        <select value={query.get("status") ?? ""} onChange={(event) => setQuery({ status: event.currentTarget.value })}>
          <option value="">any</option>
          <option value="ok">answered</option>
          <option value="error">refused or failed</option>
          <option value="4xx">refused (4xx)</option>
          <option value="5xx">failed (5xx)</option>
        </select>
      </label>
      {text("principal", "Who", "part of an ARN")}
      {text("text", "Text", "in input or error")}
      <label>
        <input
          type="checkbox"
          checked={isWithConsole}
          onChange={(event) => setQuery({ console: event.currentTarget.checked ? "include" : undefined })}
        />{" "}
        with what this console asks
      </label>
    </div>
  );
}

function List({ calls, label = "Calls" }: { readonly calls: readonly Call[]; readonly label?: string }): JSX.Element {
  return (
    <ol class="calls" aria-label={label}>
      {calls.map((call) => (
        <li key={call.number}>
          <Line call={call} />
        </li>
      ))}
    </ol>
  );
}

function Line({ call }: { readonly call: Call }): JSX.Element {
  const isOpen = useSignal(false);
  const { time, status, service, operation, code, principalArn, durationMs } = call;
  return (
    <details onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>
        <Time at={time} withDate={false} />
        <span class={status < 400 ? "good" : "bad"}>{status}</span>
        <span>
          <span class="faint">{service}</span> <strong>{operation}</strong> {code && <span class="bad">{code}</span>}
        </span>
        <span class="who faint" title={principalArn}>
          {principalArn.split(":").at(-1)}
        </span>
        <span class="took faint">{shownDuration(durationMs)}</span>
      </summary>
      {isOpen.value && <Opened call={call} />}
    </details>
  );
}

const VIA = { api: "the API", document: "JSON documents", console: "this console" };

function Opened({ call }: { readonly call: Call }): JSX.Element {
  const { service, operation, input, isCut, code, message, principalArn, accessKeyId, userAgent, requestId } = call;
  const to = { url: location.origin, region: region.value };
  const sdk = sdkOf(call, to);
  return (
    <div class="open">
      {code && (
        <p class="failure">
          <strong>{code}: </strong>
          {message}
        </p>
      )}
      <dl class="facts">
        <dt>By</dt>
        <dd>
          {principalArn} ({accessKeyId}), through {VIA[call.via]}
        </dd>
        <dt>At</dt>
        <dd>
          <Time at={call.time} />
        </dd>
        <dt>Request</dt>
        <dd>
          <code>{requestId}</code> <CopyButton text={requestId} label="Copy the request's id" />
        </dd>
        {userAgent && (
          <>
            <dt>Client</dt>
            <dd>{userAgent}</dd>
          </>
        )}
      </dl>
      <section>
        <h3>Input</h3>
        {input === undefined ? (
          <p class="faint">It could not be read as this operation's input.</p>
        ) : (
          <Json value={input} name={`${service}-${operation}`} open={3} />
        )}
        {isCut && <p class="faint">Parts of it are not kept (…): what is long, and secrets. Fill them in again.</p>}
      </section>
      {input !== undefined && (
        <>
          <Command title="As AWS CLI" text={cliOf(call, to)} />
          {sdk !== undefined && <Command title="As SDK for JavaScript" text={sdk} />}
          <p>
            <a href={href(["api"], { model: service, operation, input: JSON.stringify(input, undefined, 2) })}>
              Call again
            </a>{" "}
            <span class="faint">opens the operation with this input, to be changed and sent.</span>
          </p>
        </>
      )}
    </div>
  );
}

function Command({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <section>
      <h3>
        {title} <CopyButton text={text} label={`Copy ${title.replace("As", "as")}`} />
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keys. */}
      <pre class="command" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}

/** Calls from before those that are shown. */
function Older({
  asked,
  before,
  isMore,
}: {
  readonly asked: URLSearchParams;
  readonly before: number | undefined;
  /** Whether there may be any. */
  readonly isMore: boolean;
}): JSX.Element | null {
  const state = useSignal<{ readonly calls: readonly Call[]; readonly next?: number; readonly isAll?: boolean }>({
    calls: [],
  });
  const failure = useSignal<Error | undefined>(undefined);
  if (before === undefined || (!isMore && state.value.calls.length === 0)) return null;
  const load = async (): Promise<void> => {
    failure.value = undefined;
    try {
      const from = state.value.next ?? before;
      const page = await read<{ calls: readonly Call[]; next?: number }>(`calls?${asked}&before=${from}&limit=${PAGE}`);
      const calls = [...state.value.calls, ...page.calls];
      state.value = page.next === undefined ? { calls, isAll: true } : { calls, next: page.next };
    } catch (error) {
      failure.value = error as Error;
    }
  };
  return (
    <>
      {state.value.calls.length > 0 && <List calls={state.value.calls} label="Older calls" />}
      <Failure error={failure.value} />
      {!state.value.isAll && (
        <p>
          <button type="button" onClick={() => void load()}>
            Show older calls
          </button>
        </p>
      )}
    </>
  );
}
