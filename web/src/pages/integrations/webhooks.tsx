import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { ChoiceField, ConfirmButton, Field, TextField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { CopyButton } from "../../parts/page.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { post, read, region, remove, session } from "../../server.ts";

interface Webhook {
  readonly id: string;
  readonly kind: string;
  readonly source: string;
  readonly url: string;
}

/** Where Shopify, Segment, Zendesk and Salesforce send to. Secrets are never shown again. */
export function Webhooks(): JSX.Element {
  const { value, error, reload } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    async (signal) => (await read<{ webhooks: readonly Webhook[] }>("webhooks", signal)).webhooks,
    { everyMs: 5000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && <Empty>No webhook yet. One that is made here gets an URL to give to the sender.</Empty>}
      {value && value.length > 0 && (
        <DataTable
          label="Webhooks"
          rows={value}
          keyOf={({ id }) => id}
          columns={[
            { name: "Source", cell: ({ source }) => <a href={href(["buses", source])}>{source}</a> },
            { name: "Kind", cell: ({ kind }) => kind },
            {
              name: "URL for the sender",
              cell: ({ url }) => (
                <>
                  <CopyButton text={url} label={`Copy ${url}`} />
                  <code title={url}>{url}</code>
                </>
              ),
            },
            {
              name: "Actions",
              cell: ({ id, source }) => (
                <ConfirmButton
                  confirm="Delete"
                  question={`Delete the webhook of ${source}? What its sender sends is answered with 404 from then on; bus and event integration stay.`}
                  act={async () => {
                    await remove(`webhooks/${encodeURIComponent(id)}`);
                    reload();
                  }}
                >
                  Delete
                </ConfirmButton>
              ),
            },
          ]}
        />
      )}
      <NewWebhook onMade={reload} />
    </>
  );
}

const KINDS = ["shopify", "segment", "zendesk", "salesforce"];

const SOURCES: Readonly<Record<string, string>> = {
  shopify: "aws.partner/shopify.com/427319918593/my-shop",
  segment: "aws.partner/segment.com/source-1",
  zendesk: "aws.partner/zendesk.com/17/default",
  salesforce: "aws.partner/salesforce.com/00D000000000001/changes",
};

const NOTHING = { kind: "shopify", source: "", secret: "", eventIntegration: "" };

function NewWebhook({ onMade }: { onMade(): void }): JSX.Element {
  const typed = useSignal(NOTHING);
  const failure = useSignal<Error | undefined>(undefined);
  const done = useSignal("");
  const isBusy = useSignal(false);
  const note = (change: Partial<typeof NOTHING>): void => {
    typed.value = { ...typed.value, ...change };
  };
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    failure.value = undefined;
    done.value = "";
    try {
      const { eventIntegration, ...webhook } = typed.value;
      const { url } = await post<Webhook>("webhooks", { ...webhook, ...(eventIntegration && { eventIntegration }) });
      done.value = `Made. Give ${url} to the sender.`;
      typed.value = NOTHING;
      onMade();
    } catch (error) {
      failure.value = error as Error;
    }
    isBusy.value = false;
  };
  const { kind, source, secret, eventIntegration } = typed.value;
  return (
    <form class="card form" onSubmit={(event) => void make(event)} noValidate>
      <h2>New webhook</h2>
      <div class="fields">
        <ChoiceField label="Kind" value={kind} choices={KINDS} onChoice={(choice) => note({ kind: choice })} />
        <TextField
          label="Partner event source"
          value={source}
          placeholder={SOURCES[kind] ?? ""}
          onText={(text) => note({ source: text })}
        />
        <Field label="Secret" hint="What the sender signs with. It is not shown again.">
          {(control) => (
            <input
              {...control}
              type="password"
              autocomplete="off"
              value={secret}
              onInput={(event) => note({ secret: event.currentTarget.value })}
            />
          )}
        </Field>
        <TextField
          label="Event integration (optional)"
          hint="Accepts the source and makes an event integration of this name"
          value={eventIntegration}
          onText={(text) => note({ eventIntegration: text })}
        />
      </div>
      <Failure error={failure.value} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={isBusy.value}>
          Make
        </button>
        <span class="good" role="status">
          {done.value}
        </span>
      </div>
    </form>
  );
}
