import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Json } from "../../parts/json.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { read } from "../../server.ts";
import { ask, loadObjectTypes, type ObjectType } from "./domain-data.ts";

type Counts = Readonly<Record<string, number>>;

function loadCounts(domain: string, signal: AbortSignal): Promise<Counts | undefined> {
  const path = `profile-domains/${encodeURIComponent(domain)}/object-types`;
  return read<{ counts?: Counts }>(path, signal).then(({ counts }) => counts);
}

/** What an object is of, and what becomes of it. */
export function ObjectTypesTab({ domain }: { readonly domain: string }): JSX.Element {
  const { value, error } = useLoaded(
    domain,
    async (signal) => {
      const [types, counts] = await Promise.all([loadObjectTypes(domain, signal), loadCounts(domain, signal)]);
      // Standard objects are made of those that are ingested; they have no type that can be looked at.
      const standard = Object.keys(counts ?? {}).filter((name) => !types.some((type) => type.ObjectTypeName === name));
      return { types: [...types, ...standard.map((ObjectTypeName): ObjectType => ({ ObjectTypeName }))], counts };
    },
    { everyMs: 5000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.types.length === 0 && (
        <Empty>
          {domain} has no object type: PutProfileObjectType says what in an object identifies it, whose it is, and what
          of it a profile is to know.
        </Empty>
      )}
      {value && value.types.length > 0 && (
        <DataTable
          label="Object types"
          rows={value.types}
          keyOf={({ ObjectTypeName }) => ObjectTypeName}
          columns={[
            {
              name: "Type",
              cell: ({ ObjectTypeName: name, Fields }) =>
                Fields ? <a href={href(["profiles", domain, "types", name])}>{name}</a> : name,
            },
            {
              name: "Objects",
              isNumber: true,
              cell: ({ ObjectTypeName: name }) => (value.counts ? (value.counts[name] ?? 0).toLocaleString() : "–"),
            },
            { name: "Fields", isNumber: true, cell: ({ Fields }) => Fields && Object.keys(Fields).length },
            { name: "Keys", cell: ({ Keys = {} }) => Object.keys(Keys).join(", ") },
            {
              name: "Description",
              cell: ({ Description, Fields }) => (Fields ? Description : "made of the objects of other types"),
            },
            { name: "Changed", cell: ({ LastUpdatedAt }) => <Time at={LastUpdatedAt} /> },
          ]}
        />
      )}
    </>
  );
}

/** One object type: where its fields come from and go to, and its keys. */
export function ObjectTypePage({ domain, name }: { readonly domain: string; readonly name: string }): JSX.Element {
  const { value, error } = useLoaded(`${domain} ${name}`, async (signal) => {
    const [type, counts] = await Promise.all([
      ask<ObjectType>(domain, "GetProfileObjectType", { ObjectTypeName: name }, signal),
      loadCounts(domain, signal),
    ]);
    return { type, count: counts && (counts[name] ?? 0) };
  });
  const { type, count } = value ?? {};
  return (
    <>
      <PageHead
        title={`Object type ${name}`}
        crumbs={[
          { title: domain, to: href(["profiles", domain]) },
          { title: "Object types", to: href(["profiles", domain], { tab: "types" }) },
        ]}
      />
      <Failure error={error} />
      {type && (
        <>
          <p class="faint">{type.Description}</p>
          <div class="figures">
            <Figure name="objects" value={count === undefined ? "–" : count.toLocaleString()} />
            <Figure name="makes profiles" value={type.AllowProfileCreation ? "yes" : "no"} />
            <Figure
              name="kept for"
              value={type.ExpirationDays ? `${type.ExpirationDays} days` : "as the domain says"}
            />
          </div>
          <section>
            <h2>Keys</h2>
            <DataTable
              label="Keys"
              rows={Object.entries(type.Keys ?? {}).flatMap(([key, parts]) => parts.map((part) => ({ key, ...part })))}
              keyOf={({ key, FieldNames = [] }) => `${key} ${FieldNames.join(" ")}`}
              columns={[
                { name: "Key", cell: ({ key }) => key },
                { name: "Fields", cell: ({ FieldNames = [] }) => FieldNames.join(", ") },
                { name: "Identifiers", cell: ({ StandardIdentifiers = [] }) => StandardIdentifiers.join(", ") },
              ]}
            />
          </section>
          <section>
            <h2>Fields</h2>
            <DataTable
              label="Fields"
              rows={Object.entries(type.Fields ?? {}).map(([field, mapping]) => ({ field, ...mapping }))}
              keyOf={({ field }) => field}
              columns={[
                { name: "Field", cell: ({ field }) => field },
                { name: "Source", cell: ({ Source }) => <code>{Source}</code> },
                { name: "Target", cell: ({ Target }) => Target && <code>{Target}</code> },
                { name: "Compared as", cell: ({ ContentType }) => ContentType },
              ]}
            />
          </section>
          <details>
            <summary>As JSON</summary>
            <Json value={type} name={name} />
          </details>
        </>
      )}
    </>
  );
}
