import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ConfirmButton } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { Failure } from "../../parts/notes.tsx";
import { Id, PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { useLoaded } from "../../query.ts";
import { go, href, route } from "../../route.ts";
import { call } from "../../server.ts";
import { CaseTimeline } from "../timelines.tsx";
import { CaseAudit } from "./case-audit.tsx";
import { CaseFields } from "./case-fields.tsx";
import { type Domain, type FieldValue, loadDomain, rememberDomain, shownText, type Value } from "./domain.ts";
import { NewCase } from "./new-case.tsx";
import { RelatedItems } from "./related-items.tsx";
import { loadTemplate } from "./template.ts";
import "../../parts/items.css";
import "./cases.css";

interface Case {
  readonly templateId: string;
  readonly fields: readonly FieldValue[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** One case, or the form for a new one. */
export function CasePage(): JSX.Element {
  const [, domainId = "", caseId = ""] = route.value.path;
  const { value: domain, error } = useLoaded(domainId, (signal) => loadDomain(domainId, signal));
  useEffect(() => rememberDomain(domainId), [domainId]);
  if (!domain) {
    return (
      <>
        <PageHead title="Case" crumbs={[{ title: "Cases", to: href(["cases"]) }]} />
        <Failure error={error} />
      </>
    );
  }
  return caseId === "new" ? <NewCase domain={domain} /> : <OneCase key={caseId} domain={domain} caseId={caseId} />;
}

/** As many fields as GetCase takes. */
const FIELDS_MAX = 220;

function OneCase({ domain, caseId }: { readonly domain: Domain; readonly caseId: string }): JSX.Element {
  const { domainId } = domain;
  const fields = [...domain.fields.keys()].slice(0, FIELDS_MAX).map((id) => ({ id }));
  const { value, error, reload } = useLoaded(
    `${domainId}/${caseId}`,
    (signal) => call<Case>("connectcases", "GetCase", { domainId, caseId, fields }, signal),
    { everyMs: 3000 },
  );
  const templateId = value?.templateId;
  const template = useLoaded(templateId, (signal) => loadTemplate(domainId, templateId ?? "", signal));
  const values = new Map<string, Value>((value?.fields ?? []).map((field) => [field.id, field.value]));
  const shown = (id: string): string => shownText(domain, domain.fields.get(id), values.get(id));
  const crumbs = [
    { title: "Cases", to: href(["cases"]) },
    { title: domain.name, to: href(["cases", domainId]) },
  ];
  if (!value) {
    return (
      <>
        <PageHead title="Case" crumbs={crumbs} />
        <Failure error={error} />
      </>
    );
  }
  const remove = async (): Promise<undefined> => {
    await call("connectcases", "DeleteCase", { domainId, caseId });
    go(href(["cases", domainId]));
  };
  return (
    <>
      <PageHead title={shown("title") || "Case"} crumbs={crumbs}>
        <ConfirmButton
          confirm="Delete"
          question="Delete the case, its related items and its audit history? They cannot be brought back."
          act={remove}
        >
          Delete
        </ConfirmButton>
      </PageHead>
      <p class="buttons spaced">
        <span class={`badge ${values.get("status")?.stringValue === "closed" ? "faint" : "good"}`}>
          {shown("status")}
        </span>
        <span>{shown("reference_number")}</span>
        <Id id={caseId} />
        <span class="faint">
          template{" "}
          <a href={href(["cases", domainId], { tab: "templates" })}>
            {template.value?.template.name ?? value.templateId}
          </a>
        </span>
      </p>
      <Failure error={error ?? template.error} />
      <Tabs
        label="Parts of the case"
        tabs={[
          {
            name: "fields",
            title: "Fields",
            view: () => (
              <CaseFields
                domain={domain}
                caseId={caseId}
                values={values}
                layout={template.value?.layout}
                required={template.value?.required ?? new Set()}
                onSaved={reload}
              />
            ),
          },
          { name: "related", title: "Related items", view: () => <RelatedItems domain={domain} caseId={caseId} /> },
          { name: "timeline", title: "Timeline", view: () => <CaseTimeline domain={domainId} caseId={caseId} /> },
          { name: "audit", title: "Audit", view: () => <CaseAudit domain={domain} caseId={caseId} /> },
          { name: "json", title: "JSON", view: () => <Json value={value} open={5} name={`case-${caseId}`} /> },
        ]}
      />
    </>
  );
}
