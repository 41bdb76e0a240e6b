import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { instanceId } from "../../instance.ts";
import { ChoiceField, Field, TextField } from "../../parts/form.tsx";
import { Failure } from "../../parts/notes.tsx";
import { call, region, session } from "../../server.ts";
import { type Domain, typedValue } from "./domain.ts";
import { FieldInput } from "./field-input.tsx";

const KINDS = [
  ["Comment", "a comment"],
  ["Contact", "a contact"],
  ["Sla", "a service level"],
  ["ConnectCase", "another case"],
  ["Custom", "a value of one of the domain's fields"],
] as const;

type Kind = (typeof KINDS)[number][0];

interface Typed {
  readonly body: string;
  readonly contact: string;
  readonly name: string;
  readonly target: string;
  readonly minutes: string;
  readonly caseId: string;
  readonly fieldId: string;
  readonly value: string;
}

const NOTHING: Typed = {
  body: "",
  contact: "",
  name: "",
  target: "closed",
  minutes: "60",
  caseId: "",
  fieldId: "",
  value: "",
};

/** Adds something to a case. What was typed is kept until it is there. */
export function AddItem({
  domain,
  caseId,
  onAdded,
}: {
  readonly domain: Domain;
  readonly caseId: string;
  onAdded(): void;
}): JSX.Element {
  const kind = useSignal<Kind>("Comment");
  const typed = useSignal<Typed>(NOTHING);
  const failure = useSignal<Error | undefined>(undefined);
  const done = useSignal("");
  const isBusy = useSignal(false);
  const note = (change: Partial<Typed>): void => {
    typed.value = { ...typed.value, ...change };
  };
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    failure.value = undefined;
    done.value = "";
    try {
      const content = contentOf(domain, kind.value, typed.value);
      await call("connectcases", "CreateRelatedItem", { domainId: domain.domainId, caseId, type: kind.value, content });
      done.value = `Added ${KINDS.find(([name]) => name === kind.value)?.[1]}`;
      typed.value = NOTHING;
      onAdded();
    } catch (error) {
      failure.value = error as Error;
    }
    isBusy.value = false;
  };
  return (
    <form class="card spaced form" onSubmit={(event) => void add(event)} noValidate>
      <div class="fields">
        <ChoiceField
          label="Add"
          value={kind.value}
          choices={KINDS}
          onChoice={(choice) => {
            kind.value = choice as Kind;
            failure.value = undefined;
          }}
        />
        <Inputs domain={domain} kind={kind.value} typed={typed.value} note={note} />
      </div>
      <Failure error={failure.value} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={isBusy.value}>
          Add
        </button>
        <span class="good" role="status">
          {done.value}
        </span>
      </div>
    </form>
  );
}

function Inputs({
  domain,
  kind,
  typed,
  note,
}: {
  readonly domain: Domain;
  readonly kind: Kind;
  readonly typed: Typed;
  note(change: Partial<Typed>): void;
}): JSX.Element {
  switch (kind) {
    case "Comment":
      return (
        <div class="wide">
          <Field label="Comment">
            {(control) => (
              <textarea
                {...control}
                rows={3}
                value={typed.body}
                onInput={(event) => note({ body: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      );
    case "Contact":
      return (
        <TextField
          label="Contact"
          hint="Its id in the chosen instance, or its ARN"
          value={typed.contact}
          onText={(contact) => note({ contact })}
        />
      );
    case "Sla":
      return <LevelInputs domain={domain} typed={typed} note={note} />;
    case "ConnectCase":
      return <TextField label="Case" hint="Its id" value={typed.caseId} onText={(other) => note({ caseId: other })} />;
    case "Custom":
      return <CustomInputs domain={domain} typed={typed} note={note} />;
  }
}

type InputsOf = {
  readonly domain: Domain;
  readonly typed: Typed;
  note(change: Partial<Typed>): void;
};

function LevelInputs({ domain, typed, note }: InputsOf): JSX.Element {
  const statuses = (domain.options.get("status") ?? []).map(({ value, name }) => [value, name] as const);
  return (
    <>
      <TextField label="Name" value={typed.name} onText={(name) => note({ name })} />
      <ChoiceField
        label="Status to reach"
        value={typed.target}
        choices={statuses}
        onChoice={(target) => note({ target })}
      />
      <TextField label="Within minutes" value={typed.minutes} onText={(minutes) => note({ minutes })} />
    </>
  );
}

function CustomInputs({ domain, typed, note }: InputsOf): JSX.Element {
  const own = [...domain.fields.values()].filter(({ namespace }) => namespace === "Custom");
  const field = domain.fields.get(typed.fieldId) ?? own[0];
  if (!field) return <p class="faint">The domain has no fields of its own: CreateField makes one.</p>;
  return (
    <>
      <ChoiceField
        label="Field"
        value={field.fieldId}
        choices={own.map(({ fieldId, name }) => [fieldId, name] as const)}
        onChoice={(fieldId) => note({ fieldId, value: "" })}
      />
      <FieldInput domain={domain} field={field} text={typed.value} onText={(value) => note({ value })} />
    </>
  );
}

/** The content that was typed, as the API has it; whether it is right is the API's to say. */
function contentOf(domain: Domain, kind: Kind, typed: Typed): object {
  switch (kind) {
    case "Comment":
      return { comment: { body: typed.body, contentType: "Text/Plain" } };
    case "Contact":
      return { contact: { contactArn: contactArn(typed.contact.trim()) } };
    case "ConnectCase":
      return { connectCase: { caseId: typed.caseId.trim() } };
    case "Sla": {
      const targetSlaMinutes = Number(typed.minutes);
      if (!Number.isInteger(targetSlaMinutes)) throw new Error(`${typed.minutes} is not a whole number of minutes`);
      const target = { type: "CaseField", fieldId: "status", targetFieldValues: [{ stringValue: typed.target }] };
      return { sla: { slaInputConfiguration: { name: typed.name, ...target, targetSlaMinutes } } };
    }
    case "Custom": {
      const own = [...domain.fields.values()].find(({ namespace }) => namespace === "Custom");
      const field = domain.fields.get(typed.fieldId) ?? own;
      if (!field) throw new Error("The domain has no fields of its own");
      return { custom: { fields: [{ id: field.fieldId, value: typedValue(field, typed.value) }] } };
    }
  }
}

function contactArn(idOrArn: string): string {
  if (idOrArn.startsWith("arn:")) return idOrArn;
  const account = session.value?.account ?? "";
  return `arn:aws:connect:${region.value}:${account}:instance/${instanceId.value}/contact/${idOrArn}`;
}
