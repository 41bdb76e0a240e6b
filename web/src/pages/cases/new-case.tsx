import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ChoiceField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { useLoaded } from "../../query.ts";
import { go, href, route, setQuery } from "../../route.ts";
import { call } from "../../server.ts";
import { type Draft, EMPTY_DRAFT, noteTyped, sendDraft } from "./case-draft.ts";
import { canSet, type Domain, type FieldValue, sectionsOf } from "./domain.ts";
import { FieldInput } from "./field-input.tsx";
import { loadTemplate } from "./template.ts";

/** A case that is being written: of a template, with the fields of its layout. What it needs is the server's to say. */
export function NewCase({ domain }: { readonly domain: Domain }): JSX.Element {
  const { domainId, templates } = domain;
  const active = templates.filter(({ status }) => status === "Active");
  const asked = route.value.query.get("template");
  const templateId = active.some((one) => one.templateId === asked) ? (asked ?? "") : active[0]?.templateId;
  const { value, error } = useLoaded(templateId, (signal) => loadTemplate(domainId, templateId ?? "", signal));
  const draft = useSignal<Draft>(EMPTY_DRAFT);
  const isBusy = useSignal(false);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    const filled = Object.entries(draft.value.texts).filter(([, text]) => text !== "");
    const send = async (fields: readonly FieldValue[]): Promise<void> => {
      const { caseId } = await call<{ caseId: string }>("connectcases", "CreateCase", { domainId, templateId, fields });
      go(href(["cases", domainId, caseId]));
    };
    await sendDraft(
      domain,
      draft,
      filled.map(([id]) => id),
      send,
    );
    isBusy.value = false;
  };
  return (
    <>
      <PageHead
        title="New case"
        crumbs={[
          { title: "Cases", to: href(["cases"]) },
          { title: domain.name, to: href(["cases", domainId]) },
        ]}
      />
      <Failure error={error} />
      {active.length === 0 && (
        <Empty>
          The domain has no active template, and every case is of one.{" "}
          <a href={href(["api"], { model: "connectcases", operation: "CreateTemplate" })}>CreateTemplate</a> makes one.
        </Empty>
      )}
      {value && (
        <form onSubmit={(event) => void create(event)} noValidate>
          <div class="fields">
            <ChoiceField
              label="Template"
              value={templateId ?? ""}
              choices={active.map((one) => [one.templateId, one.name] as const)}
              hint={value.template.description}
              onChoice={(template) => setQuery({ template })}
            />
          </div>
          {sectionsOf(domain, value.layout).map(({ name, fieldIds }, place) => (
            <section key={place} class="card">
              <h2>{name}</h2>
              <div class="fields">
                {fieldIds.map((id) => {
                  const field = domain.fields.get(id);
                  if (!field || !canSet(field, { isNew: true })) return null;
                  return (
                    <div key={id} class={id === "summary" ? "wide" : undefined}>
                      <FieldInput
                        domain={domain}
                        field={field}
                        text={draft.value.texts[id] ?? ""}
                        isRequired={value.required.has(id)}
                        problem={draft.value.problems[id]}
                        onText={(text) => noteTyped(draft, id, text)}
                      />
                    </div>
                  );
                })}
              </div>
            </section>
          ))}
          <Failure error={draft.value.failure} />
          <div class="buttons">
            <button type="submit" class="primary" disabled={isBusy.value}>
              Create
            </button>
            {Object.keys(draft.value.problems).length > 0 && (
              <span class="bad" role="alert">
                Not created: see{" "}
                {Object.keys(draft.value.problems)
                  .map((id) => domain.fields.get(id)?.name)
                  .join(", ")}
              </span>
            )}
          </div>
        </form>
      )}
    </>
  );
}
