import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Arn } from "../../parts/arn.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ConfirmButton } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, useLoaded, usePaged } from "../../query.ts";
import { href, route } from "../../route.ts";
import { post, read, region, session } from "../../server.ts";
import { Chosen, Messages } from "./messages.tsx";
import type { DeadLetterQueue, QueueMessage, Source } from "./queue-data.ts";

/** The queues that anything sends its dead letters to. */
export function DeadLettersPage(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ queues: readonly DeadLetterQueue[] }>("dead-letters", signal),
    { everyMs: 3000 },
  );
  const queues = value?.queues ?? [];
  return (
    <>
      <PageHead title="Dead letters">
        <a href={href(["deliveries"])}>Deliveries</a>
      </PageHead>
      <Failure error={error} />
      {value && queues.length === 0 && (
        <Empty>
          No rule's target, function, subscription, queue or domain has a dead-letter queue in {region.value}. A
          target's DeadLetterConfig or a queue's RedrivePolicy makes one.
        </Empty>
      )}
      {queues.length > 0 && (
        <DataTable
          label="Dead-letter queues"
          rows={queues}
          keyOf={({ arn }) => arn}
          columns={[
            {
              name: "Queue",
              cell: ({ arn, name, exists }) =>
                exists ? <a href={href(["dead-letters", name])}>{name}</a> : <Missing arn={arn} exists={exists} />,
            },
            {
              name: "Messages",
              isNumber: true,
              cell: ({ messages }) =>
                messages && <span class={messages.visible > 0 ? "bad" : ""}>{messages.visible}</span>,
            },
            { name: "In flight", isNumber: true, cell: ({ messages }) => messages?.notVisible },
            { name: "Oldest", cell: ({ oldest }) => <Time at={oldest} /> },
            { name: "Gets what fails of", cell: ({ sources }) => <Sources sources={sources} /> },
          ]}
        />
      )}
    </>
  );
}

function Missing({ arn, exists }: { readonly arn: string; readonly exists: boolean | undefined }): JSX.Element {
  return (
    <>
      <span title={arn}>{arn.split(":").at(-1)}</span>{" "}
      <span class="warn">
        {exists === false ? "is not there: what is sent to it is lost" : "is another account's or Region's"}
      </span>
    </>
  );
}

const SHOWN_SOURCES = 3;

function Sources({ sources }: { readonly sources: readonly Source[] }): JSX.Element {
  return (
    <>
      {sources.slice(0, SHOWN_SOURCES).map((source, place) => (
        <span key={place}>
          {place > 0 && ", "}
          <Arn arn={source.rule ?? source.queue ?? source.function ?? source.subscription ?? source.domain ?? ""} />
        </span>
      ))}
      {sources.length > SHOWN_SOURCES && ` and ${sources.length - SHOWN_SOURCES} more`}
    </>
  );
}

interface Redriven {
  readonly redriven: number;
  readonly refused: readonly { readonly key: string; readonly reason: string }[];
  readonly isMore: boolean;
}

/** One dead-letter queue: what lies in it and why, and the way back. */
export function DeadLetterQueuePage(): JSX.Element {
  const [, name = ""] = route.value.path;
  const path = `dead-letters/${encodeURIComponent(name)}`;
  const head = useSignal<DeadLetterQueue | undefined>(undefined);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const refused = useSignal<Redriven["refused"]>([]);
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<QueueMessage>> => {
    const asked = next ? `?after=${next}` : "";
    const page = await read<{ queue: DeadLetterQueue; messages: readonly QueueMessage[]; next?: string }>(
      path + asked,
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

  const redrive = async (keys: readonly string[] | undefined): Promise<string> => {
    let redriven = 0;
    refused.value = [];
    for (;;) {
      const answer = await post<Redriven>(`${path}/redrive`, keys === undefined ? {} : { messages: keys });
      redriven += answer.redriven;
      refused.value = [...refused.value, ...answer.refused];
      if (!answer.isMore) break;
    }
    chosen.value = new Set();
    reload();
    return `${redriven} sent where they belong${refused.value.length > 0 ? `, ${refused.value.length} stayed` : ""}`;
  };
  const remove = async (): Promise<string> => {
    const { deleted } = await post<{ deleted: number }>(`sqs/${encodeURIComponent(name)}/delete`, {
      messages: [...picked],
    });
    chosen.value = new Set();
    reload();
    return `${deleted} deleted`;
  };
  const { messages, sources = [] } = head.value ?? {};
  return (
    <>
      <PageHead title={`Dead letters in ${name}`} crumbs={[{ title: "Dead letters", to: href(["dead-letters"]) }]}>
        <a href={href(["queues-sqs", name])}>The queue itself</a>
      </PageHead>
      <Failure error={error} />
      {head.value && (
        <p>
          {messages?.visible} ready, {messages?.notVisible} in flight. It gets what fails of{" "}
          {sources.length > 0 ? <Sources sources={sources} /> : "nobody, by now"}.
        </p>
      )}
      <Chosen chosen={picked} messages={rows} onChosen={(next) => (chosen.value = next)}>
        <ActionButton isPrimary disabled={picked.size === 0} act={() => redrive([...picked])}>
          Redrive {picked.size}
        </ActionButton>
        <ConfirmButton
          act={() => redrive(undefined)}
          question={`Sends all ${messages?.visible ?? ""} messages that are ready where they belong. Mend what made them fail first: what fails again comes back here.`}
          confirm="Redrive all"
        >
          Redrive all …
        </ConfirmButton>
        <ConfirmButton
          act={remove}
          question={`Deletes the ${picked.size} messages that are chosen. They cannot be brought back.`}
          confirm="Delete"
        >
          Delete {picked.size} …
        </ConfirmButton>
      </Chosen>
      {refused.value.length > 0 && (
        <ul class="failure" role="alert">
          {refused.value.slice(0, 20).map(({ key, reason }) => (
            <li key={key}>
              <code>{key.slice(key.indexOf(".") + 1)}</code> {reason}
            </li>
          ))}
        </ul>
      )}
      {!loading && rows.length === 0 && !error && (
        <Empty>Nothing lies here: what was sent has got where it belongs.</Empty>
      )}
      <Messages queue={name} messages={rows} chosen={picked} onChosen={(next) => (chosen.value = next)} />
      {more && (
        <button type="button" onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}
