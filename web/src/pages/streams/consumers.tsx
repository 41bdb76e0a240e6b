import type { JSX } from "preact";
import { Arn } from "../../parts/arn.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/notes.tsx";
import { Id } from "../../parts/page.tsx";
import { shownDuration, Time } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { shortId } from "./shards.tsx";
import type { Consumer, Place, WholeStream } from "./stream-data.ts";

const KINDS: Readonly<Record<Consumer["kind"], string>> = {
  registered: "registered consumer",
  function: "event source mapping",
  "delivery stream": "delivery stream",
  GetRecords: "GetRecords",
  service: "service of Trunkline",
};

/** Who reads a stream: how far each has come with each shard, and how far it is behind. */
export function Consumers({ stream }: { readonly stream: WholeStream }): JSX.Element {
  if (stream.consumers.length === 0) {
    return (
      <Empty>
        Nobody reads this stream, as far as is known. A registered consumer, an event source mapping, a delivery stream
        or whoever calls GetRecords shows here.
      </Empty>
    );
  }
  return (
    <>
      {stream.consumers.map((consumer) => (
        <One
          key={`${consumer.kind} ${consumer.arn ?? consumer.name} ${consumer.uuid}`}
          consumer={consumer}
          stream={stream}
        />
      ))}
      <p class="faint">
        Those that keep their place themselves (registered consumers, GetRecords) are known since the server was
        started.
      </p>
    </>
  );
}

function One({ consumer, stream }: { readonly consumer: Consumer; readonly stream: WholeStream }): JSX.Element {
  const { kind, name, arn, state, lastRead, shards } = consumer;
  const behind = shards.reduce((sum, place) => sum + place.behind, 0);
  const longest = Math.max(0, ...shards.map(({ behindMs }) => behindMs));
  return (
    <section class="card">
      <h2>
        {arn && (kind === "function" || kind === "delivery stream") ? (
          <Arn arn={arn} />
        ) : (
          <span title={arn}>{name}</span>
        )}
      </h2>
      <p>
        <span class="faint">{KINDS[kind]}</span>
        {state && <span> · {state}</span>}
        {lastRead && (
          <span class="faint">
            {" "}
            · last read <Time at={lastRead} />
          </span>
        )}{" "}
        {shards.length > 0 && <Lag behind={behind} behindMs={longest} />}
      </p>
      {shards.length > 0 && (
        <DataTable<Place>
          label={`Places of ${name}`}
          rows={shards}
          keyOf={({ shardId }) => shardId}
          columns={[
            { name: "Shard", cell: ({ shardId }) => shortId(shardId) },
            { name: "Behind", isNumber: true, cell: ({ behind: records }) => `${records} records` },
            {
              name: "For",
              isNumber: true,
              cell: ({ behind: records, behindMs }) => records > 0 && shownDuration(behindMs),
            },
            {
              name: "Last read",
              cell: ({ shardId, sequenceNumber }) =>
                sequenceNumber ? (
                  <>
                    <a href={href(["streams", stream.name], { tab: "peek", shard: shardId, at: sequenceNumber })}>
                      look
                    </a>{" "}
                    <Id id={sequenceNumber} isWhole />
                  </>
                ) : (
                  <span class="faint">none that is kept</span>
                ),
            },
          ]}
        />
      )}
    </section>
  );
}

function Lag({ behind, behindMs }: { readonly behind: number; readonly behindMs: number }): JSX.Element {
  if (behind === 0) return <span class="state good">up to date</span>;
  return (
    <span class="state warn">
      {behind} records behind, for {shownDuration(behindMs)}
    </span>
  );
}
