import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { shownDuration, Time } from "../../parts/time.tsx";
import { usePaged } from "../../query.ts";
import { href } from "../../route.ts";
import { read } from "../../server.ts";

/** As `GET /_trunkline/contacts/INSTANCE` lists them. */
interface Contact {
  readonly id: string;
  readonly stage: string;
  readonly channel: string;
  readonly customer?: string;
  readonly name?: string;
  readonly agent?: { readonly id: string; readonly name?: string };
  readonly began: string;
  readonly queued?: string;
  readonly ended?: string;
}

/** The contacts of somebody or of a queue, the newest first, a page after the other. */
export function ContactsOf({
  instanceId,
  filter,
  nowMs,
  empty = "No contact yet.",
}: {
  readonly instanceId: string;
  readonly filter: Readonly<Record<string, string>>;
  /** With it the table tells how long contacts have been waiting by then. */
  readonly nowMs?: number | undefined;
  readonly empty?: string;
}): JSX.Element {
  const search = new URLSearchParams(filter).toString();
  const { rows, error, loading, more } = usePaged<Contact>(
    `${instanceId}?${search}`,
    async (after, signal) => {
      const page = new URLSearchParams({ ...filter, ...(after && { after }) });
      const path = `contacts/${encodeURIComponent(instanceId)}?${page}`;
      const { contacts, next } = await read<{ contacts: readonly Contact[]; next?: string }>(path, signal);
      return { rows: contacts, next };
    },
    { keyOf: ({ id }) => id, everyMs: 2000 },
  );
  if (rows.length === 0) {
    return (
      <>
        <Failure error={error} />
        {!loading && !error && <Empty>{empty}</Empty>}
      </>
    );
  }
  return (
    <>
      <Failure error={error} />
      <DataTable
        label="Contacts"
        rows={rows}
        keyOf={({ id }) => id}
        more={more}
        columns={[
          {
            name: "Contact",
            cell: ({ id }) => (
              <a href={href(["contacts", instanceId, id])} title={id}>
                {id.slice(0, 8)}…
              </a>
            ),
          },
          { name: "Channel", cell: ({ channel }) => channel },
          { name: "Customer", cell: ({ customer, name }) => customer ?? name },
          ...(nowMs === undefined
            ? [{ name: "State", cell: ({ stage }: Contact) => stage.replaceAll("-", " ") }]
            : [
                {
                  name: "Waiting for",
                  isNumber: true,
                  cell: ({ queued, began }: Contact) => shownDuration(Math.max(0, nowMs - Date.parse(queued ?? began))),
                },
              ]),
          { name: "Began", cell: ({ began }) => <Time at={began} /> },
          { name: "Ended", cell: ({ ended }) => <Time at={ended} /> },
        ]}
      />
    </>
  );
}
