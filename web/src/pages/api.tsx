import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { instanceId } from "../instance.ts";
import { cliText } from "../parts/cli.ts";
import { ChoiceField, Field } from "../parts/form.tsx";
import { Json } from "../parts/json.tsx";
import { emptyDocument } from "../parts/json-editor/shapes.ts";
import { formatJson, JsonEditor, type Problem, parseJson, useOperationShapes } from "../parts/json-editor.tsx";
import { Failure } from "../parts/notes.tsx";
import { CopyButton, PageHead } from "../parts/page.tsx";
import { shownDuration } from "../parts/time.tsx";
import { useLoaded } from "../query.ts";
import { route, setQuery } from "../route.ts";
import { call, read, region, session } from "../server.ts";
import "./api.css";

/** As `GET /_trunkline/models` tells it. */
interface Model {
  readonly name: string;
  readonly serviceId: string;
  readonly built: readonly string[];
  readonly notBuilt: readonly string[];
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: Error;
  readonly tookMs: number;
}

/** A longer input stays out of the address. */
const ADDRESS_CHARACTERS_MAX = 3000;

/** Calls any operation with a JSON document. */
export function ApiPage(): JSX.Element {
  const { query } = route.value;
  const model = query.get("model") ?? "sts";
  const operation = query.get("operation") ?? "GetCallerIdentity";
  const given = query.get("input");
  const models = useLoaded(`${session.value?.accessKeyId}`, (signal) =>
    read<{ models: readonly Model[] }>("models", signal),
  );
  const shapes = useOperationShapes({ model, operation });
  /** Absent as long as nobody has written anything: then it is what the operation asks for. */
  const typed = useSignal<string | undefined>(given ?? undefined);
  const outcome = useSignal<Outcome | undefined>(undefined);
  const problems = useSignal<readonly Problem[]>([]);
  const busy = useSignal(false);
  useEffect(() => {
    outcome.value = undefined;
    problems.value = [];
  }, [model, operation]);

  const chosen = models.value?.models.find(({ name }) => name === model);
  const text = typed.value ?? formatJson(shapes ? emptyDocument(shapes, known()) : {});
  const parsed = parseJson(text);
  const choose = (next: { readonly model?: string; readonly operation?: string }): void => {
    typed.value = undefined;
    setQuery({ ...next, input: undefined });
  };
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if ("error" in parsed) return;
    setQuery({ model, operation, input: text.length > ADDRESS_CHARACTERS_MAX ? undefined : text });
    typed.value = text;
    busy.value = true;
    problems.value = [];
    const begunMs = performance.now();
    const came = await call<unknown>(model, operation, parsed.value as object).then(
      (value) => ({ value }),
      (error: Error) => ({ error }),
    );
    busy.value = false;
    // Another operation may have been chosen meanwhile: this is no answer of it.
    const { query: now } = route.peek();
    if ((now.get("model") ?? model) !== model || (now.get("operation") ?? operation) !== operation) return;
    outcome.value = { ...came, tookMs: performance.now() - begunMs };
    if ("error" in came) problems.value = [{ message: came.error.message }];
  };
  return (
    <>
      <PageHead title="Call an operation" />
      <form class="card form" onSubmit={(event) => void send(event)}>
        <div class="operation">
          <ChoiceField
            label="Service"
            value={model}
            choices={(models.value?.models ?? [{ name: model, serviceId: model }]).map(({ name, serviceId }) => [
              name,
              serviceId,
            ])}
            onChoice={(name) => {
              const next = models.value?.models.find((one) => one.name === name);
              choose({ model: name, operation: firstRead(next?.built ?? []) ?? operation });
            }}
          />
          <Field
            label="Operation"
            hint={chosen && `${chosen.built.length} of ${chosen.built.length + chosen.notBuilt.length} are built`}
            problem={problemWith(chosen, operation)}
          >
            {(control) => (
              <>
                <input
                  {...control}
                  list="operations"
                  spellcheck={false}
                  autocomplete="off"
                  value={operation}
                  onChange={(event) => choose({ operation: event.currentTarget.value.trim() })}
                  onKeyDown={(event) => {
                    // It chooses, and does not call.
                    if (event.key === "Enter") event.preventDefault();
                    if (event.key === "Enter") choose({ operation: event.currentTarget.value.trim() });
                  }}
                />
                <datalist id="operations">
                  {chosen?.built.map((name) => (
                    <option key={name} value={name} />
                  ))}
                  {chosen?.notBuilt.map((name) => (
                    <option key={name} value={name} label="not built" />
                  ))}
                </datalist>
              </>
            )}
          </Field>
        </div>
        <JsonEditor
          label="Input"
          text={text}
          shapes={shapes}
          problems={problems.value}
          onText={(next) => {
            typed.value = next;
            problems.value = NONE;
          }}
        />
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy.value || "error" in parsed} aria-busy={busy.value}>
            Call
          </button>
        </div>
        {"value" in parsed && <Cli text={cliText(model, operation, parsed.value)} />}
      </form>
      <Failure error={models.error} />
      {outcome.value && <Answer outcome={outcome.value} name={`${model}-${operation}`} />}
    </>
  );
}

const NONE: readonly Problem[] = [];

/** What an input is filled with from the start. */
function known(): Readonly<Record<string, unknown>> {
  return { ...(instanceId.value !== undefined && { InstanceId: instanceId.value }) };
}

/** Something that changes nothing is shown first. */
function firstRead(built: readonly string[]): string | undefined {
  return built.find((name) => /^List|^Get|^Describe|^Search/.test(name)) ?? built[0];
}

function problemWith(model: Model | undefined, operation: string): string | undefined {
  if (!model || model.built.includes(operation)) return undefined;
  return model.notBuilt.includes(operation)
    ? "This one is not built: it answers with 501"
    : `${model.serviceId} has no such operation`;
}

function Cli({ text }: { readonly text: string }): JSX.Element {
  return (
    <details class="cli">
      <summary>The same with the AWS CLI</summary>
      <div class="cli-text">
        <pre>{text}</pre>
        <CopyButton text={text} label="Copy the command" />
      </div>
    </details>
  );
}

function Answer({ outcome, name }: { readonly outcome: Outcome; readonly name: string }): JSX.Element {
  const { value, error, tookMs } = outcome;
  return (
    <section class="card" aria-label="Answer">
      <h2>
        {error ? "Refused" : "Answer"} <span class="faint">after {shownDuration(tookMs)}</span>{" "}
        <span class="faint">in {region.value}</span>
      </h2>
      <Failure error={error} />
      {!error && <Json value={value} open={3} name={name} />}
    </section>
  );
}
