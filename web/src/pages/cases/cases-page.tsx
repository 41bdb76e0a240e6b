import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { listAll } from "../../listing.ts";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { useLoaded } from "../../query.ts";
import { go, href, route } from "../../route.ts";
import { region, session } from "../../server.ts";
import { CaseSearch } from "./case-search.tsx";
import { CaseRules, EventSettings, Fields, Layouts, Templates } from "./case-setup.tsx";
import { type DomainSummary, lastDomainId, loadDomain, rememberDomain } from "./domain.ts";
import "../../parts/items.css";
import "./cases.css";

/** The Cases domains of the account. Who has looked at one of them, or has only one, goes there at once. */
export function CasesPage(): JSX.Element {
  const { value, error } = useDomains();
  const chooses = route.value.query.get("domains") === "all";
  const known =
    value?.find(({ domainId }) => domainId === lastDomainId.value) ?? (value?.length === 1 ? value[0] : undefined);
  useEffect(() => {
    if (known && !chooses) go(href(["cases", known.domainId]), { replace: true });
  }, [known?.domainId, chooses]);
  return (
    <>
      <PageHead title="Cases" />
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>
          There is no Cases domain in {region.value}.{" "}
          <a href={href(["api"], { model: "connectcases", operation: "CreateDomain", input: '{"name": "claims"}' })}>
            CreateDomain
          </a>{" "}
          makes one.
        </Empty>
      )}
      <ul class="cards">
        {(value ?? []).map(({ domainId, name }) => (
          <li key={domainId} class="card">
            <a href={href(["cases", domainId])}>{name}</a>
          </li>
        ))}
      </ul>
    </>
  );
}

function useDomains() {
  return useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) =>
      listAll<DomainSummary>(
        {
          model: "connectcases",
          operation: "ListDomains",
          input: { maxResults: 10 },
          member: "domains",
          token: "nextToken",
        },
        signal,
      ),
    { everyMs: 5000 },
  );
}

/** One domain: its cases, and how it is set up. */
export function CaseDomainPage(): JSX.Element {
  const [, domainId = ""] = route.value.path;
  const domains = useDomains().value ?? [];
  const { value: domain, error } = useLoaded(domainId, (signal) => loadDomain(domainId, signal), { everyMs: 10_000 });
  useEffect(() => {
    if (domain) rememberDomain(domainId);
  }, [domain?.domainId]);
  return (
    <>
      <PageHead title={domain?.name ?? "Cases"} crumbs={[{ title: "Cases", to: href(["cases"], { domains: "all" }) }]}>
        {domains.length > 1 && (
          <label>
            <span class="hidden">Cases domain</span>
            <select value={domainId} onChange={(event) => go(href(["cases", event.currentTarget.value]))}>
              {domains.map((one) => (
                <option key={one.domainId} value={one.domainId}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <a class="button" href={href(["cases", domainId, "new"])}>
          New case
        </a>
      </PageHead>
      <Failure error={error} />
      {domain && (
        <Tabs
          key={domainId}
          label="Cases and their set-up"
          tabs={[
            { name: "cases", title: "Cases", view: () => <CaseSearch domain={domain} /> },
            {
              name: "templates",
              title: "Templates",
              count: domain.templates.length,
              view: () => <Templates domain={domain} />,
            },
            { name: "fields", title: "Fields", count: domain.fields.size, view: () => <Fields domain={domain} /> },
            { name: "layouts", title: "Layouts", view: () => <Layouts domain={domain} /> },
            { name: "rules", title: "Case rules", view: () => <CaseRules domain={domain} /> },
            { name: "events", title: "Events", view: () => <EventSettings domain={domain} /> },
          ]}
        />
      )}
    </>
  );
}
