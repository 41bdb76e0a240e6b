import type { JSX } from "preact";
import { shownBytes } from "../../parts/bytes.ts";
import { ConfirmButton } from "../../parts/form.tsx";
import { Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Tail } from "../../parts/tail.tsx";
import { useLoaded } from "../../query.ts";
import { go, href, route } from "../../route.ts";
import { call, read, region } from "../../server.ts";
import { Consumers } from "./consumers.tsx";
import { Peek } from "./peek.tsx";
import { PutRecord } from "./put-record.tsx";
import { Shards } from "./shards.tsx";
import type { WholeStream } from "./stream-data.ts";
import "./streams.css";

/** One stream: its records as they arrive, its shards, and who reads it. Looking takes nothing from its consumers. */
export function StreamPage(): JSX.Element {
  const [, name = ""] = route.value.path;
  const { value, error, reload } = useLoaded(
    `${name} ${region.value}`,
    (signal) => read<WholeStream>(`streams/${encodeURIComponent(name)}`, signal),
    { everyMs: 2000 },
  );
  const remove = async (): Promise<undefined> => {
    await call("kinesis", "DeleteStream", { StreamName: name, EnforceConsumerDeletion: true });
    go(href(["streams"]));
  };
  return (
    <>
      <PageHead title={`Stream ${name}`} crumbs={[{ title: "Streams", to: href(["streams"]) }]}>
        {value && (
          <ConfirmButton
            act={remove}
            question={`Deletes ${name} with its ${value.records} records and its registered consumers. They cannot be brought back.`}
            confirm="Delete stream"
          >
            Delete …
          </ConfirmButton>
        )}
      </PageHead>
      <Failure error={error} />
      {value && (
        <>
          <Figures stream={value} />
          <Tabs
            label={`Stream ${name}`}
            tabs={[
              { name: "tail", title: "Live", view: () => <Live name={name} /> },
              {
                name: "shards",
                title: "Shards",
                count: value.shards.length,
                view: () => <Shards stream={value} reload={reload} />,
              },
              { name: "peek", title: "Look into a shard", view: () => <Peek stream={value} /> },
              {
                name: "consumers",
                title: "Consumers",
                count: value.consumers.length,
                view: () => <Consumers stream={value} />,
              },
              { name: "put", title: "Put a record", view: () => <PutRecord stream={value} reload={reload} /> },
            ]}
          />
        </>
      )}
    </>
  );
}

function Figures({ stream }: { readonly stream: WholeStream }): JSX.Element {
  const { name, openShards, records, bytes, retentionHours, consumers, encryptionKey, mode } = stream;
  const behind = Math.max(0, ...consumers.flatMap(({ shards }) => shards.map((place) => place.behind)));
  return (
    <div class="figures">
      <Figure name="open shards" value={openShards} to={href(["streams", name], { tab: "shards" })} />
      <Figure
        name={`records kept, ${shownBytes(bytes)}`}
        value={records}
        to={href(["streams", name], { tab: "peek" })}
      />
      <Figure name="consumers" value={consumers.length} to={href(["streams", name], { tab: "consumers" })} />
      <Figure name="behind at most" value={behind} to={href(["streams", name], { tab: "consumers" })} />
      <Figure name="retention" value={`${retentionHours} h`} />
      <Figure name="encryption" value={encryptionKey ? "KMS" : "none"} />
      <Figure name="mode" value={mode === "ON_DEMAND" ? "on demand" : "provisioned"} />
    </div>
  );
}

interface Arrived {
  readonly ApproximateArrivalTimestamp?: string;
  readonly PartitionKey?: string;
  readonly Data?: string;
}

function Live({ name }: { readonly name: string }): JSX.Element {
  return (
    <Tail
      name={name}
      summaryOf={(document) => {
        const { ApproximateArrivalTimestamp = "", PartitionKey = "", Data = "" } = document as Arrived;
        return `${ApproximateArrivalTimestamp.slice(11, 23)}  ${PartitionKey}  ${Data.slice(0, 160)}`;
      }}
    />
  );
}
