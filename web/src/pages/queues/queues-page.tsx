import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Arn } from "../../parts/arn.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ConfirmButton, Field, TextField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, usePaged } from "../../query.ts";
import { href, route } from "../../route.ts";
import { call, post, read, region, session } from "../../server.ts";
import { Chosen, Messages } from "./messages.tsx";
import type { QueueMessage, SqsQueue } from "./queue-data.ts";

/** The SQS queues of the account, with what each holds. */
export function SqsQueuesPage(): JSX.Element {
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<SqsQueue>> => {
    const page = await read<{ queues: readonly SqsQueue[]; next?: string }>(
      `sqs?limit=100${next ? `&after=${next}` : ""}`,
      signal,
    );
    return { rows: page.queues, next: page.next };
  };
  const key = `${session.value?.accessKeyId} ${region.value}`;
  const { rows, error, more, loading } = usePaged(key, load, { keyOf: ({ name }) => name, everyMs: 3000 });
  return (
    <>
      <PageHead title="SQS queues">
        <a href={href(["dead-letters"])}>Dead letters</a>
      </PageHead>
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && (
        <Empty>There is no SQS queue in {region.value}. `aws sqs create-queue` makes one.</Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="SQS queues"
          rows={rows}
          more={more}
          keyOf={({ name }) => name}
          columns={[
            { name: "Queue", cell: ({ name }) => <a href={href(["queues-sqs", name])}>{name}</a> },
            { name: "Visible", isNumber: true, cell: ({ messages }) => messages?.visible },
            { name: "In flight", isNumber: true, cell: ({ messages }) => messages?.notVisible },
            { name: "Delayed", isNumber: true, cell: ({ messages }) => messages?.delayed },
            { name: "Oldest", cell: ({ oldest }) => <Time at={oldest} /> },
            { name: "Type", cell: ({ isFifo }) => (isFifo ? "FIFO" : "standard") },
            {
              name: "Dead letters to",
              cell: ({ deadLetterArn, maxReceiveCount }) =>
                deadLetterArn && (
                  <>
                    <Arn arn={deadLetterArn} /> <span class="faint">after {maxReceiveCount}</span>
                  </>
                ),
            },
          ]}
        />
      )}
    </>
  );
}

/** One SQS queue: its messages as they lie there, and one sent by hand. */
export function SqsQueuePage(): JSX.Element {
  const [, name = ""] = route.value.path;
  const path = `sqs/${encodeURIComponent(name)}`;
  const head = useSignal<SqsQueue | undefined>(undefined);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<QueueMessage>> => {
    const page = await read<{ queue: SqsQueue; messages: readonly QueueMessage[]; next?: string }>(
      path + (next ? `?after=${next}` : ""),
      signal,
    );
    head.value = page.queue;
    return { rows: page.messages, next: page.next };
  };
  const { rows, error, more, loading, reload } = usePaged(`${name} ${region.value}`, load, {
    keyOf: ({ key }) => key,
    everyMs: 3000,
  });
  const present = new Set(rows.map(({ key }) => key));
  const picked = new Set([...chosen.value].filter((key) => present.has(key)));
  const { messages, isFifo = false, deadLetterArn } = head.value ?? {};
  const remove = async (): Promise<string> => {
    const { deleted } = await post<{ deleted: number }>(`${path}/delete`, { messages: [...picked] });
    chosen.value = new Set();
    reload();
    return `${deleted} deleted`;
  };
  const purge = async (): Promise<string> => {
    await call("sqs", "PurgeQueue", { QueueUrl: urlOf(name) });
    reload();
    return "Purged";
  };
  return (
    <>
      <PageHead title={`Queue ${name}`} crumbs={[{ title: "SQS queues", to: href(["queues-sqs"]) }]}>
        <a href={href(["dead-letters", name])}>As a dead-letter queue</a>
      </PageHead>
      <Failure error={error} />
      {head.value && (
        <p>
          {messages?.visible} visible, {messages?.notVisible} in flight, {messages?.delayed} delayed.
          {deadLetterArn && (
            <>
              {" "}
              What is received too often goes to <Arn arn={deadLetterArn} />.
            </>
          )}
        </p>
      )}
      <Send name={name} isFifo={isFifo} onSent={reload} />
      <Chosen chosen={picked} messages={rows} onChosen={(next) => (chosen.value = next)}>
        <ConfirmButton
          act={remove}
          question={`Deletes the ${picked.size} messages that are chosen, whoever has received them.`}
          confirm="Delete"
        >
          Delete {picked.size} …
        </ConfirmButton>
        <ConfirmButton
          act={purge}
          question={`Deletes all messages of ${name}, those in flight among them. They cannot be brought back.`}
          confirm="Purge"
        >
          Purge …
        </ConfirmButton>
      </Chosen>
      {!loading && rows.length === 0 && !error && <Empty>The queue is empty. Send a message above.</Empty>}
      <Messages queue={name} messages={rows} chosen={picked} onChosen={(next) => (chosen.value = next)} />
      {more && (
        <button type="button" onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}

function Send({
  name,
  isFifo,
  onSent,
}: {
  readonly name: string;
  readonly isFifo: boolean;
  onSent(): void;
}): JSX.Element {
  const body = useSignal("");
  const group = useSignal("");
  const deduplication = useSignal("");
  const send = async (): Promise<string> => {
    const { MessageId } = await call<{ MessageId: string }>("sqs", "SendMessage", {
      QueueUrl: urlOf(name),
      MessageBody: body.value,
      ...(group.value && { MessageGroupId: group.value }),
      ...(deduplication.value && { MessageDeduplicationId: deduplication.value }),
    });
    onSent();
    return `Sent as ${MessageId}`;
  };
  return (
    <details class="card spaced">
      <summary>Send a message</summary>
      <div class="form">
        <Field label="Body">
          {(control) => (
            <textarea
              {...control}
              rows={4}
              value={body.value}
              onInput={(event) => (body.value = event.currentTarget.value)}
            />
          )}
        </Field>
        {isFifo && (
          <>
            <TextField label="Message group" value={group.value} onText={(text) => (group.value = text)} />
            <TextField
              label="Deduplication id"
              hint="Not needed where the queue deduplicates by content"
              value={deduplication.value}
              onText={(text) => (deduplication.value = text)}
            />
          </>
        )}
        <ActionButton isPrimary act={send}>
          Send
        </ActionButton>
      </div>
    </details>
  );
}

/** By its path alone: it is ours, whatever its host is called. */
function urlOf(name: string): string {
  return `${location.origin}/${session.value?.account}/${name}`;
}
