import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { DataTable } from "../parts/data-table.tsx";
import { ActionButton } from "../parts/form.tsx";
import { Json, Unfolding } from "../parts/json.tsx";
import { JsonEditor, parseJson } from "../parts/json-editor.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { PageHead } from "../parts/page.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { shownDuration, Time } from "../parts/time.tsx";
import { useLoaded } from "../query.ts";
import { href, route } from "../route.ts";
import { call, read, region, session } from "../server.ts";

/** As `GET /_trunkline/functions` tells it. */
interface FunctionStatus {
  readonly name: string;
  readonly runtime?: string;
  readonly running: number;
  readonly sandboxes: readonly { readonly version: string; readonly state: string; readonly invocations: number }[];
  readonly backlog: number;
  readonly lastErrors: readonly { readonly time: string; readonly [member: string]: unknown }[];
}

function useFunctions(): {
  readonly functions: readonly FunctionStatus[] | undefined;
  readonly error: Error | undefined;
} {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ functions: readonly FunctionStatus[] }>("functions", signal),
    { everyMs: 2000 },
  );
  return { functions: value?.functions, error };
}

/** Lambda functions: how they are, what waits for them, and what went wrong last. */
export function FunctionsPage(): JSX.Element {
  const { functions, error } = useFunctions();
  return (
    <>
      <PageHead title="Functions" />
      <Failure error={error} />
      {functions?.length === 0 && (
        <Empty>There is no function in {region.value}. `aws lambda create-function` makes one.</Empty>
      )}
      {functions && functions.length > 0 && (
        <DataTable
          label="Functions"
          rows={functions}
          keyOf={({ name }) => name}
          columns={[
            { name: "Function", cell: ({ name }) => <a href={href(["functions", name])}>{name}</a> },
            { name: "Runtime", cell: ({ runtime }) => runtime },
            { name: "Running", isNumber: true, cell: ({ running }) => running },
            { name: "Warm", isNumber: true, cell: ({ sandboxes }) => sandboxes.length },
            { name: "Events waiting", isNumber: true, cell: ({ backlog }) => backlog },
            { name: "Last failure", cell: ({ lastErrors: [last] }) => last && <LastFailure failure={last} /> },
          ]}
        />
      )}
    </>
  );
}

function LastFailure({
  failure: { time, ...rest },
}: {
  readonly failure: FunctionStatus["lastErrors"][number];
}): JSX.Element {
  return (
    <span class="bad">
      <Time at={time} /> {JSON.stringify(rest)}
    </span>
  );
}

/** One function: invoked by hand, its log as it is written, what calls it, and how it is set. */
export function FunctionPage(): JSX.Element {
  const [, name = ""] = route.value.path;
  const { functions, error } = useFunctions();
  const status = functions?.find((one) => one.name === name);
  return (
    <>
      <PageHead title={name} crumbs={[{ title: "Functions", to: href(["functions"]) }]} />
      <Failure error={error} />
      {functions && !status && <Empty>There is no such function in {region.value}.</Empty>}
      {status && (
        <p class="faint">
          {status.runtime}, {status.running} running, {status.sandboxes.length} warm, {status.backlog} events waiting
        </p>
      )}
      <Tabs
        label="Of the function"
        tabs={[
          { name: "try", title: "Try it", view: () => <Invocation name={name} /> },
          { name: "log", title: "Log", view: () => <Log name={name} /> },
          {
            name: "failures",
            title: "Failures",
            count: status?.lastErrors.length,
            view: () => <Failures failures={status?.lastErrors ?? []} />,
          },
          { name: "sources", title: "What calls it", view: () => <Sources name={name} /> },
          { name: "settings", title: "Settings", view: () => <Settings name={name} /> },
        ]}
      />
    </>
  );
}

interface Invoked {
  readonly StatusCode?: number;
  readonly FunctionError?: string;
  readonly LogResult?: string;
  readonly Payload?: string;
}

function Invocation({ name }: { readonly name: string }): JSX.Element {
  const event = useSignal("{}");
  const invoked = useSignal<(Invoked & { readonly ms: number }) | undefined>(undefined);
  const invoke = async (): Promise<undefined> => {
    const parsed = parseJson(event.value);
    if ("error" in parsed) throw new Error(`The event is no JSON: ${parsed.error}`);
    invoked.value = undefined;
    const beganMs = performance.now();
    const input = { FunctionName: name, LogType: "Tail", Payload: base64Of(event.value) };
    const answer = await call<Invoked>("lambda", "Invoke", input);
    invoked.value = { ...answer, ms: performance.now() - beganMs };
  };
  const answer = invoked.value;
  return (
    <>
      <JsonEditor label="Event" text={event.value} onText={(text) => (event.value = text)} rows={8} />
      <ActionButton isPrimary act={invoke}>
        Invoke
      </ActionButton>
      {answer && (
        <section class="card answer" aria-label="Answer">
          <p class={answer.FunctionError ? "bad" : "good"} role="status">
            {answer.FunctionError ? `Failed: ${answer.FunctionError}` : "Answered"} after {shownDuration(answer.ms)}
          </p>
          <Json value={payloadOf(answer.Payload)} open={4} />
          {answer.LogResult && (
            <>
              <h2>Log</h2>
              <LogText label="Log of the invocation">{textOf(answer.LogResult)}</LogText>
            </>
          )}
        </section>
      )}
    </>
  );
}

function base64Of(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

function textOf(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

function payloadOf(base64: string | undefined): unknown {
  const text = textOf(base64 ?? "");
  const parsed = parseJson(text);
  return "error" in parsed ? text : parsed.value;
}

interface LogEvent {
  readonly eventId?: string;
  readonly timestamp?: number;
  readonly message?: string;
  readonly logStreamName?: string;
}

/** How far back the log is read, in milliseconds, and how much of it. */
const LOG_BACK_MS = 3_600_000;
const LOG_LINES = 1000;

function Log({ name }: { readonly name: string }): JSX.Element {
  const { value, error } = useLoaded(
    `log ${name} ${region.value}`,
    async (signal) => {
      const { now } = await read<{ now: string }>("clock", signal);
      const input = { logGroupName: `/aws/lambda/${name}`, startTime: Date.parse(now) - LOG_BACK_MS, limit: LOG_LINES };
      return call<{ events?: readonly LogEvent[] }>("logs", "FilterLogEvents", input, signal);
    },
    { everyMs: 2000 },
  );
  const events = value?.events ?? [];
  const isMissing = error && "code" in error && error.code === "ResourceNotFoundException";
  return (
    <>
      {!isMissing && <Failure error={error} />}
      {(isMissing || (value && events.length === 0)) && <Empty>It has written nothing within the last hour.</Empty>}
      {events.length > 0 && (
        <LogText label="Log of the last hour">
          {events.map(({ timestamp = 0, message }) => `${new Date(timestamp).toISOString()}  ${message?.trimEnd()}\n`)}
        </LogText>
      )}
    </>
  );
}

function Failures({ failures }: { readonly failures: FunctionStatus["lastErrors"] }): JSX.Element {
  if (failures.length === 0) return <Empty>No invocation has failed since the server was started.</Empty>;
  return (
    <>
      {failures.map((failure, place) => (
        <Unfolding key={`${failure.time} ${place}`} summary={<LastFailure failure={failure} />} document={failure} />
      ))}
    </>
  );
}

function LogText({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys.
    <section class="log" aria-label={label} tabIndex={0}>
      <pre>{children}</pre>
    </section>
  );
}

interface Mapping {
  readonly UUID: string;
  readonly EventSourceArn?: string;
  readonly State?: string;
  readonly LastProcessingResult?: string;
  readonly BatchSize?: number;
}

function Sources({ name }: { readonly name: string }): JSX.Element {
  const { value, error } = useLoaded(
    `mappings ${name} ${region.value}`,
    (signal) =>
      call<{ EventSourceMappings?: readonly Mapping[] }>(
        "lambda",
        "ListEventSourceMappings",
        { FunctionName: name },
        signal,
      ),
    { everyMs: 3000 },
  );
  const mappings = value?.EventSourceMappings ?? [];
  return (
    <>
      <Failure error={error} />
      {value && mappings.length === 0 && <Empty>No event source mapping brings it anything.</Empty>}
      {mappings.map((mapping) => (
        <Unfolding
          key={mapping.UUID}
          summary={`${mapping.EventSourceArn}: ${mapping.State}, ${mapping.LastProcessingResult ?? "nothing processed yet"}`}
          document={mapping}
        />
      ))}
    </>
  );
}

function Settings({ name }: { readonly name: string }): JSX.Element {
  const { value, error } = useLoaded(`settings ${name} ${region.value}`, (signal) =>
    call<object>("lambda", "GetFunction", { FunctionName: name }, signal),
  );
  return (
    <>
      <Failure error={error} />
      {value && <Json value={value} open={3} name={name} />}
    </>
  );
}
