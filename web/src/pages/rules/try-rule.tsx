import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ActionButton, ChoiceField, Field } from "../../parts/form.tsx";
import { JsonEditor, parseJson } from "../../parts/json-editor.tsx";
import { Empty } from "../../parts/notes.tsx";
import { shownMoment } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { call, post } from "../../server.ts";
import { type ExplainedInput, ExplainedInputs, ExplainedRule } from "./explained-inputs.tsx";
import type { Draft, Explained } from "./rule-data.tsx";
import { type Asked, required } from "./rule-page.tsx";
import { sampleFor } from "./sample.ts";

/** A rule on a sample, or on something that has been: every condition green or red, with the value found. Nothing happens. */
export function TryRule({
  instance,
  draft,
  rule,
}: {
  readonly instance: string;
  readonly draft: Draft;
  readonly rule: Asked;
}): JSX.Element {
  const isMetrics = draft.source === "OnMetricDataUpdate";
  const on = route.value.query.get("on") ?? (isMetrics ? "recorded" : "sample");
  return (
    <>
      <p class="faint">
        {"value" in rule && typeof rule.value === "string"
          ? "The rule is tried as it is saved."
          : "The rule is tried as it is written here, saved or not."}
      </p>
      {!isMetrics && (
        <div class="form">
          <ChoiceField
            label="Try it on"
            value={on}
            choices={[
              ["sample", "a sample"],
              ["recorded", "something that has been"],
            ]}
            onChoice={(next) => setQuery({ on: next })}
          />
        </div>
      )}
      {on === "sample" ? (
        <OnSample instance={instance} draft={draft} rule={rule} />
      ) : (
        <OnRecorded instance={instance} rule={rule} isMetrics={isMetrics} />
      )}
    </>
  );
}

function OnSample({
  instance,
  draft,
  rule,
}: {
  readonly instance: string;
  readonly draft: Draft;
  readonly rule: Asked;
}): JSX.Element {
  const text = useSignal(sampleFor(draft));
  const explained = useSignal<Explained | undefined>(undefined);
  return (
    <div class="form">
      <JsonEditor label="Sample" text={text.value} onText={(next) => (text.value = next)} />
      <ActionButton
        isPrimary
        act={async () => {
          explained.value = undefined;
          const sample = parseJson(text.value);
          if ("error" in sample) throw new Error(`The sample is no JSON: ${sample.error}`);
          explained.value = await post<Explained>("explain", { instance, rule: required(rule), sample: sample.value });
        }}
      >
        Try
      </ActionButton>
      {explained.value && <ExplainedRule explained={explained.value} />}
    </div>
  );
}

const SUGGESTED = 20;

function OnRecorded({
  instance,
  rule,
  isMetrics,
}: {
  readonly instance: string;
  readonly rule: Asked;
  readonly isMetrics: boolean;
}): JSX.Element {
  const subject = route.value.query.get("subject") ?? "";
  const answer = useSignal<{ readonly inputs: readonly ExplainedInput[]; readonly note?: string } | undefined>(
    undefined,
  );
  const suggested = useLoaded(isMetrics ? undefined : instance, (signal) => lastContacts(instance, signal));
  return (
    <div class="form">
      <Field
        label={isMetrics ? "Queue, agent, routing profile or flow" : "Contact, case or ticket"}
        hint="By its id. What rules looked at is kept for 7 days."
      >
        {(control) => (
          <>
            <input
              {...control}
              list="subjects"
              value={subject}
              spellcheck={false}
              autocomplete="off"
              onInput={(event) => setQuery({ subject: event.currentTarget.value.trim() })}
            />
            <datalist id="subjects">
              {suggested.value?.map(({ Id, Channel, InitiationTimestamp = "" }) => (
                <option key={Id} value={Id} label={`${Channel} ${shownMoment(InitiationTimestamp)}`} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <ActionButton
        isPrimary
        disabled={subject === ""}
        act={async () => {
          answer.value = undefined;
          answer.value = await post("explain", { instance, subject, rule: required(rule) });
        }}
      >
        Try
      </ActionButton>
      {answer.value?.note && <Empty>{answer.value.note}</Empty>}
      {answer.value && answer.value.inputs.length > 0 && (
        <>
          <ExplainedInputs inputs={answer.value.inputs} />
          {!isMetrics && <a href={href(["contacts", instance, subject])}>The contact</a>}
        </>
      )}
    </div>
  );
}

interface Contact {
  readonly Id: string;
  readonly Channel?: string;
  readonly InitiationTimestamp?: string;
}

async function lastContacts(InstanceId: string, signal: AbortSignal): Promise<readonly Contact[]> {
  const now = Date.now() / 1000;
  const input = {
    InstanceId,
    TimeRange: { Type: "INITIATION_TIMESTAMP", StartTime: now - 7 * 86_400, EndTime: now + 60 },
    Sort: { FieldName: "INITIATION_TIMESTAMP", Order: "DESCENDING" },
    MaxResults: SUGGESTED,
  };
  return (await call<{ Contacts?: readonly Contact[] }>("connect", "SearchContacts", input, signal)).Contacts ?? [];
}
