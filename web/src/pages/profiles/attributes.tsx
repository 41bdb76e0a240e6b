import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Json } from "../../parts/json.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { ask, listAll } from "./domain-data.ts";

export interface Attribute {
  readonly CalculatedAttributeName: string;
  readonly DisplayName?: string;
  readonly Description?: string;
  readonly Statistic?: string;
  readonly AttributeDetails?: { readonly Expression?: string };
  readonly Status?: string;
  readonly Readiness?: { readonly ProgressPercentage?: number; readonly Message?: string };
  readonly UseHistoricalData?: boolean;
  readonly CreatedAt?: string;
}

/** What is reckoned of each profile's objects. */
export function AttributesTab({ domain }: { readonly domain: string }): JSX.Element {
  const { value, error } = useLoaded(
    domain,
    (signal) => listAll<Attribute>(domain, "ListCalculatedAttributeDefinitions", signal),
    { everyMs: 5000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>{domain} has no calculated attribute: CreateCalculatedAttributeDefinition defines one.</Empty>
      )}
      {value && value.length > 0 && (
        <DataTable
          label="Calculated attributes"
          rows={value}
          keyOf={({ CalculatedAttributeName }) => CalculatedAttributeName}
          columns={[
            {
              name: "Attribute",
              cell: ({ CalculatedAttributeName: name }) => (
                <a href={href(["profiles", domain, "attributes", name])}>{name}</a>
              ),
            },
            { name: "Called", cell: ({ DisplayName }) => DisplayName },
            { name: "State", cell: ({ Status }) => Status },
            { name: "Description", cell: ({ Description }) => Description },
            { name: "Created", cell: ({ CreatedAt }) => <Time at={CreatedAt} /> },
          ]}
        />
      )}
    </>
  );
}

/** One calculated attribute: its definition, and how far it has read the objects that were there before it. */
export function AttributePage({ domain, name }: { readonly domain: string; readonly name: string }): JSX.Element {
  const { value, error } = useLoaded(
    `${domain} ${name}`,
    (signal) => ask<Attribute>(domain, "GetCalculatedAttributeDefinition", { CalculatedAttributeName: name }, signal),
    { everyMs: 5000 },
  );
  return (
    <>
      <PageHead
        title={`Calculated attribute ${name}`}
        crumbs={[
          { title: domain, to: href(["profiles", domain]) },
          { title: "Calculated attributes", to: href(["profiles", domain], { tab: "attributes" }) },
        ]}
      />
      <Failure error={error} />
      {value && (
        <>
          <p class="faint">{value.Description}</p>
          <div class="figures">
            <Figure name="statistic" value={value.Statistic ?? "–"} />
            <Figure name="state" value={value.Status ?? "–"} />
            {value.Readiness?.ProgressPercentage !== undefined && (
              <Figure name="of earlier objects read" value={`${value.Readiness.ProgressPercentage} %`} />
            )}
          </div>
          <p>
            Of <code>{value.AttributeDetails?.Expression}</code>. Its values stand with each profile, in the tab
            “Calculated attributes”.
          </p>
          <Json value={value} open={4} name={name} />
        </>
      )}
    </>
  );
}
