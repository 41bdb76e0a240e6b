import type { JSX } from "preact";
import { instanceId } from "../../instance.ts";
import { listAll } from "../../listing.ts";
import { Field as FormField } from "../../parts/form.tsx";
import { useLoaded } from "../../query.ts";
import { type Domain, type Field, holdsUser, type Option } from "./domain.ts";

/** The input of a field, by its type. The text in it is the caller's: it is kept whatever becomes of it. */
export function FieldInput({
  domain,
  field,
  text,
  isRequired = false,
  problem,
  onText,
}: {
  readonly domain: Domain;
  readonly field: Field;
  readonly text: string;
  readonly isRequired?: boolean;
  readonly problem?: string | undefined;
  onText(text: string): void;
}): JSX.Element {
  const { fieldId, name, type } = field;
  return (
    <FormField label={isRequired ? `${name} (required)` : name} problem={problem}>
      {(control) => {
        if (type === "SingleSelect" || type === "Boolean") {
          return (
            <select {...control} value={text} onChange={(event) => onText(event.currentTarget.value)}>
              <option value="">none</option>
              {choicesOf(domain, field, text).map((option) => (
                <option key={option.value} value={option.value}>
                  {option.name}
                </option>
              ))}
            </select>
          );
        }
        const given = {
          ...control,
          value: text,
          onInput: (event: { readonly currentTarget: { readonly value: string } }) => onText(event.currentTarget.value),
        };
        if (fieldId === "summary" || field.attributes?.text?.isMultiline) return <textarea {...given} rows={4} />;
        if (type === "DateTime") return <input {...given} type="datetime-local" step={1} />;
        if (type === "Number") return <input {...given} inputMode="decimal" autocomplete="off" />;
        if (holdsUser(field)) return <ArnInput given={given} of="users" />;
        if (fieldId === "assigned_queue") return <ArnInput given={given} of="queues" />;
        return <input {...given} autocomplete="off" />;
      }}
    </FormField>
  );
}

const YES_OR_NO: readonly Option[] = [
  { name: "yes", value: "true", active: true },
  { name: "no", value: "false", active: true },
];

/** What can be chosen, and what the field has though it can be chosen no more. */
function choicesOf(domain: Domain, { fieldId, type }: Field, text: string): readonly Option[] {
  if (type === "Boolean") return YES_OR_NO;
  return (domain.options.get(fieldId) ?? []).filter(({ active, value }) => active || value === text);
}

interface Given {
  readonly id: string;
  readonly value: string;
  readonly "aria-describedby": string;
  readonly "aria-invalid": boolean;
  onInput(event: { readonly currentTarget: { readonly value: string } }): void;
}

/** The ARN of somebody or something of the instance: typed, or chosen by name. */
function ArnInput({ given, of }: { readonly given: Given; readonly of: "users" | "queues" }): JSX.Element {
  const id = instanceId.value;
  const { value = [] } = useLoaded(id && `${of} ${id}`, (signal) =>
    of === "users" ? loadUsers(signal) : loadQueues(signal),
  );
  const listId = `${given.id}-choices`;
  return (
    <>
      <input {...given} list={listId} autocomplete="off" spellcheck={false} placeholder="ARN, or a name to choose" />
      <datalist id={listId}>
        {value.map(({ Arn, name }) => (
          <option key={Arn} value={Arn} label={name} />
        ))}
      </datalist>
    </>
  );
}

interface Named {
  readonly Arn: string;
  readonly name: string;
}

async function loadUsers(signal: AbortSignal): Promise<readonly Named[]> {
  const input = { InstanceId: instanceId.value, MaxResults: 1000 };
  const listing = {
    model: "connect",
    operation: "ListUsers",
    input,
    member: "UserSummaryList",
    token: "NextToken",
  } as const;
  const users = await listAll<{ readonly Arn: string; readonly Username: string }>(listing, signal);
  return users.map(({ Arn, Username }) => ({ Arn, name: Username }));
}

async function loadQueues(signal: AbortSignal): Promise<readonly Named[]> {
  const input = { InstanceId: instanceId.value, QueueTypes: ["STANDARD"], MaxResults: 1000 };
  const listing = {
    model: "connect",
    operation: "ListQueues",
    input,
    member: "QueueSummaryList",
    token: "NextToken",
  } as const;
  const queues = await listAll<{ readonly Arn: string; readonly Name: string }>(listing, signal);
  return queues.map(({ Arn, Name }) => ({ Arn, name: Name }));
}
