import type { JSX } from "preact";
import { instanceId } from "../../instance.ts";
import { listAll } from "../../listing.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { type PageOf, useLoaded, usePaged } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { call } from "../../server.ts";
import { type Domain, type FieldValue, shownText, type Value } from "./domain.ts";
import { ShownValue } from "./shown-value.tsx";

interface Found {
  readonly caseId: string;
  readonly templateId: string;
  readonly fields: readonly FieldValue[];
}

interface Answer {
  readonly cases: readonly Found[];
  readonly nextToken?: string;
  readonly totalCount?: number;
}

const PAGE = 100;
/** SearchCases does not know templates: pages are looked through for them here, so many at most before the reader goes on by scrolling. */
const PAGES_FOR_A_TEMPLATE = 10;

const COLUMNS = ["title", "status", "reference_number", "assigned_user", "last_updated_datetime", "created_datetime"];

const SORTS = [
  ["last_updated_datetime:Desc", "changed last"],
  ["created_datetime:Desc", "newest"],
  ["created_datetime:Asc", "oldest"],
  ["next_sla_breach_datetime:Asc", "next breach of a service level"],
  ["title:Asc", "title"],
] as const;

const DEFAULT_SORT = SORTS[0][0];

interface Asked {
  readonly term: string;
  readonly status: string;
  readonly template: string;
  readonly assigned: string;
  readonly sort: string;
}

function asked(): Asked {
  const { query } = route.value;
  const given = (name: string): string => query.get(name) ?? "";
  const sort = SORTS.some(([value]) => value === given("sort")) ? given("sort") : DEFAULT_SORT;
  return {
    term: given("term"),
    status: given("status"),
    template: given("template"),
    assigned: given("assigned"),
    sort,
  };
}

/** The cases of a domain, found by words, status, template and who has them; pages come from the server as one scrolls. */
export function CaseSearch({ domain }: { readonly domain: Domain }): JSX.Element {
  const what = asked();
  const { rows, total, error, loading, more } = usePaged(
    JSON.stringify([domain.domainId, what]),
    (next, signal) => searchPage(domain, what, next, signal),
    { keyOf: ({ caseId }) => caseId, everyMs: 4000 },
  );
  const isFiltered = what.term + what.status + what.template + what.assigned !== "";
  return (
    <>
      <Figures domain={domain} />
      <Filters domain={domain} what={what} />
      <Failure error={error} />
      <p class="faint" role="status">
        {total !== undefined && `${total} found`}
      </p>
      {rows.length === 0 && !loading && !error && (
        <Empty>
          {isFiltered ? (
            <>
              No case is like that. <a href={href(["cases", domain.domainId])}>Show all</a>
            </>
          ) : (
            <>
              The domain has no case yet: <a href={href(["cases", domain.domainId, "new"])}>write one</a>, or let a rule
              of an instance create them.
            </>
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Cases"
          columns={columnsOf(domain)}
          rows={rows}
          keyOf={({ caseId }) => caseId}
          more={more}
          total={total}
        />
      )}
    </>
  );
}

function columnsOf(domain: Domain): readonly Column<Found>[] {
  const templates = new Map(domain.templates.map(({ templateId, name }) => [templateId, name]));
  const [, ...others] = COLUMNS;
  return [
    {
      name: "Case",
      cell: ({ caseId, fields }) => (
        <a href={href(["cases", domain.domainId, caseId])}>
          {shownText(domain, domain.fields.get("title"), valueIn(fields, "title")) || caseId}
        </a>
      ),
    },
    ...others.map((id): Column<Found> => {
      const field = domain.fields.get(id);
      return {
        name: field?.name ?? id,
        cell: ({ fields }) => field && <ShownValue domain={domain} field={field} value={valueIn(fields, id)} />,
      };
    }),
    { name: "Template", cell: ({ templateId }) => templates.get(templateId) ?? templateId.slice(0, 8) },
  ];
}

function valueIn(fields: readonly FieldValue[], id: string): Value | undefined {
  return fields.find((field) => field.id === id)?.value;
}

async function searchPage(
  domain: Domain,
  what: Asked,
  next: string | undefined,
  signal: AbortSignal,
): Promise<PageOf<Found>> {
  let token = next;
  const rows: Found[] = [];
  for (let page = 0; page < PAGES_FOR_A_TEMPLATE; page++) {
    const input = { ...searchInput(domain, what), ...(token && { nextToken: token }) };
    const answer = await call<Answer>("connectcases", "SearchCases", input, signal);
    token = answer.nextToken;
    if (what.template === "") return { rows: answer.cases, next: token, total: answer.totalCount };
    rows.push(...answer.cases.filter(({ templateId }) => templateId === what.template));
    if (token === undefined || rows.length >= PAGE / 4) break;
  }
  return { rows, next: token, total: token === undefined && next === undefined ? rows.length : undefined };
}

function searchInput({ domainId }: Domain, { term, status, assigned, sort }: Asked): object {
  const [fieldId, sortOrder] = sort.split(":");
  const conditions = [
    ...(status ? [{ field: { equalTo: { id: "status", value: { stringValue: status } } } }] : []),
    ...(assigned === "nobody" ? [{ field: { equalTo: { id: "assigned_user", value: { emptyValue: {} } } } }] : []),
    ...(assigned && assigned !== "nobody"
      ? [{ field: { equalTo: { id: "assigned_user", value: { stringValue: assigned } } } }]
      : []),
  ];
  return {
    domainId,
    maxResults: PAGE,
    fields: COLUMNS.map((id) => ({ id })),
    sorts: [{ fieldId, sortOrder }],
    ...(term && { searchTerm: term }),
    ...(conditions.length > 0 && { filter: { andAll: conditions } }),
  };
}

function Filters({ domain, what }: { readonly domain: Domain; readonly what: Asked }): JSX.Element {
  const users = useUsers();
  const isKnown = what.assigned === "" || what.assigned === "nobody" || users.some(({ Arn }) => Arn === what.assigned);
  return (
    <search class="filters">
      <label>
        Words{" "}
        <input type="search" value={what.term} onInput={(event) => setQuery({ term: event.currentTarget.value })} />
      </label>
      <Choice
        label="Status"
        value={what.status}
        onChoice={(status) => setQuery({ status })}
        choices={[
          ["", "any"],
          ...(domain.options.get("status") ?? []).map(({ value, name }) => [value, name] as const),
        ]}
      />
      <Choice
        label="Template"
        value={what.template}
        onChoice={(template) => setQuery({ template })}
        choices={[["", "any"], ...domain.templates.map(({ templateId, name }) => [templateId, name] as const)]}
      />
      <Choice
        label="Assigned to"
        value={what.assigned}
        onChoice={(assigned) => setQuery({ assigned })}
        choices={[
          ["", "anybody"],
          ["nobody", "nobody"],
          ...users.map(({ Arn, Username }) => [Arn, Username] as const),
          ...(isKnown ? [] : [[what.assigned, what.assigned.split("/").at(-1) ?? ""] as const]),
        ]}
      />
      <Choice
        label="Sort"
        value={what.sort}
        onChoice={(sort) => setQuery({ sort: sort === DEFAULT_SORT ? undefined : sort })}
        choices={SORTS}
      />
    </search>
  );
}

function Choice({
  label,
  value,
  choices,
  onChoice,
}: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly (readonly [string, string])[];
  onChoice(value: string): void;
}): JSX.Element {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onChoice(event.currentTarget.value)}>
        {choices.map(([given, title]) => (
          <option key={given} value={given}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

interface UserSummary {
  readonly Arn: string;
  readonly Username: string;
}

function useUsers(): readonly UserSummary[] {
  const InstanceId = instanceId.value;
  const { value = [] } = useLoaded(InstanceId, (signal) =>
    listAll<UserSummary>(
      {
        model: "connect",
        operation: "ListUsers",
        input: { InstanceId, MaxResults: 1000 },
        member: "UserSummaryList",
        token: "NextToken",
      },
      signal,
    ),
  );
  return value;
}

/** How many cases stand where; each figure leads to its cases. */
function Figures({ domain }: { readonly domain: Domain }): JSX.Element {
  const { domainId } = domain;
  const statuses = domain.options.get("status") ?? [];
  const { value } = useLoaded(
    `${domainId} ${statuses.length}`,
    (signal) =>
      Promise.all(
        statuses.slice(0, STATUSES_COUNTED).map(async (status) => {
          const filter = { field: { equalTo: { id: "status", value: { stringValue: status.value } } } };
          const input = { domainId, filter, maxResults: 1 };
          const { totalCount = 0 } = await call<Answer>("connectcases", "SearchCases", input, signal);
          return { ...status, count: totalCount };
        }),
      ),
    { everyMs: 5000 },
  );
  return (
    <div class="figures">
      {(value ?? []).map(({ name, value: status, count }) => (
        <Figure key={status} name={name.toLowerCase()} value={count} to={href(["cases", domainId], { status })} />
      ))}
    </div>
  );
}

/** A domain may have more statuses than there is room for. */
const STATUSES_COUNTED = 8;
