import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Failure } from "../../parts/notes.tsx";
import { call } from "../../server.ts";
import { type Draft, EMPTY_DRAFT, noteTyped, sendDraft } from "./case-draft.ts";
import {
  canSet,
  type Domain,
  type Field,
  type FieldValue,
  type Layout,
  type Section,
  sectionsOf,
  typedText,
  type Value,
} from "./domain.ts";
import { FieldInput } from "./field-input.tsx";
import { ShownValue } from "./shown-value.tsx";

/** The fields of a case in the sections of its template's layout, to be read and changed. */
export function CaseFields({
  domain,
  caseId,
  values,
  layout,
  required,
  onSaved,
}: {
  readonly domain: Domain;
  readonly caseId: string;
  readonly values: ReadonlyMap<string, Value>;
  readonly layout: Layout | undefined;
  /** Fields that the template asks for. */
  readonly required: ReadonlySet<string>;
  onSaved(): void;
}): JSX.Element {
  const isEditing = useSignal(false);
  const isBusy = useSignal(false);
  const done = useSignal("");
  const draft = useSignal<Draft>(EMPTY_DRAFT);
  const textOf = (field: Field): string =>
    draft.value.texts[field.fieldId] ?? typedText(field, values.get(field.fieldId));
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const changed = Object.entries(draft.value.texts)
      .filter(([id, text]) => {
        const field = domain.fields.get(id);
        return field && text !== typedText(field, values.get(id));
      })
      .map(([id]) => id);
    if (changed.length === 0) return close("Nothing was changed");
    isBusy.value = true;
    const wasTaken = await sendDraft(domain, draft, changed, (fields) => update(domain.domainId, caseId, fields));
    isBusy.value = false;
    if (!wasTaken) return;
    onSaved();
    close(`Changed: ${changed.map((id) => domain.fields.get(id)?.name ?? id).join(", ")}`);
  };
  const close = (said: string): void => {
    isEditing.value = false;
    draft.value = EMPTY_DRAFT;
    done.value = said;
  };
  const sections = sectionsOf(domain, layout).map((section) => (
    <FieldSection
      key={section.name}
      section={section}
      domain={domain}
      values={values}
      inputOf={
        isEditing.value
          ? (field) =>
              canSet(field, { isNew: false }) && (
                <FieldInput
                  domain={domain}
                  field={field}
                  text={textOf(field)}
                  isRequired={required.has(field.fieldId)}
                  problem={draft.value.problems[field.fieldId]}
                  onText={(text) => noteTyped(draft, field.fieldId, text)}
                />
              )
          : undefined
      }
    />
  ));
  if (!isEditing.value) {
    return (
      <>
        <div class="buttons spaced">
          <button
            type="button"
            onClick={() => {
              done.value = "";
              isEditing.value = true;
            }}
          >
            Edit
          </button>
          <span class="good" role="status">
            {done.value}
          </span>
        </div>
        {sections}
      </>
    );
  }
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <div class="buttons spaced">
        <button type="submit" class="primary" disabled={isBusy.value}>
          Save
        </button>
        <button type="button" onClick={() => close("")}>
          Cancel
        </button>
        {Object.keys(draft.value.problems).length > 0 && (
          <span class="bad" role="alert">
            Not saved: see{" "}
            {Object.keys(draft.value.problems)
              .map((id) => domain.fields.get(id)?.name)
              .join(", ")}
          </span>
        )}
      </div>
      <Failure error={draft.value.failure} />
      {sections}
    </form>
  );
}

async function update(domainId: string, caseId: string, fields: readonly FieldValue[]): Promise<void> {
  await call("connectcases", "UpdateCase", { domainId, caseId, fields });
}

/** One section: inputs where there are some, values where not. */
function FieldSection({
  section,
  domain,
  values,
  inputOf,
}: {
  readonly section: Section;
  readonly domain: Domain;
  readonly values: ReadonlyMap<string, Value>;
  readonly inputOf: ((field: Field) => JSX.Element | false) | undefined;
}): JSX.Element {
  return (
    <section class="card">
      <h2>{section.name}</h2>
      <div class="fields">
        {section.fieldIds.map((id) => {
          const field = domain.fields.get(id);
          if (!field) return null;
          return (
            <div key={id} class={field.fieldId === "summary" ? "wide" : undefined}>
              {inputOf?.(field) || (
                <dl class="pair">
                  <dt>{field.name}</dt>
                  <dd>
                    <ShownValue domain={domain} field={field} value={values.get(id)} />
                  </dd>
                </dl>
              )}
            </div>
          );
        })}
      </div>
    </section>
  );
}
