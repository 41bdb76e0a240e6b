import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { listAll } from "./domain-data.ts";

interface Value {
  readonly CalculatedAttributeName: string;
  readonly DisplayName?: string;
  readonly Value?: string;
  readonly IsDataPartial?: string;
  readonly LastObjectTimestamp?: string;
}

/** What is reckoned of the profile's objects now. */
export function ProfileAttributes({
  domain,
  profile,
}: {
  readonly domain: string;
  readonly profile: string;
}): JSX.Element {
  const { value, error } = useLoaded(
    `${domain} ${profile}`,
    (signal) => listAll<Value>(domain, "ListCalculatedAttributesForProfile", signal, { ProfileId: profile }),
    { everyMs: 5000 },
  );
  // Those that say something come first.
  const rows = (value ?? []).toSorted((one, other) => Number(!one.Value) - Number(!other.Value));
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && <Empty>{domain} has no calculated attribute.</Empty>}
      {rows.length > 0 && (
        <DataTable
          label="Calculated attributes"
          rows={rows}
          keyOf={({ CalculatedAttributeName }) => CalculatedAttributeName}
          columns={[
            {
              name: "Attribute",
              cell: ({ CalculatedAttributeName: name, DisplayName }) => (
                <a href={href(["profiles", domain, "attributes", name])} title={name}>
                  {DisplayName ?? name}
                </a>
              ),
            },
            { name: "Value", cell: ({ Value }) => Value || <span class="faint">none</span> },
            { name: "Whole", cell: ({ IsDataPartial }) => (IsDataPartial === "true" ? "in part" : "yes") },
            { name: "Newest object", cell: ({ LastObjectTimestamp }) => <Time at={LastObjectTimestamp} /> },
          ]}
        />
      )}
    </>
  );
}
