import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { shownBytes } from "../../parts/bytes.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ConfirmButton, TextField } from "../../parts/form.tsx";
import { Time } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { call } from "../../server.ts";
import type { Shard, WholeStream } from "./stream-data.ts";

interface Resharding {
  readonly stream: WholeStream;
  reload(): void;
}

/** The shards of a stream: which part of the keys each has, where it comes from, what it holds. */
export function Shards({ stream, reload }: Resharding): JSX.Element {
  return (
    <>
      {stream.mode === "PROVISIONED" && <Count stream={stream} reload={reload} />}
      <DataTable
        label="Shards"
        rows={stream.shards}
        keyOf={({ id }) => id}
        columns={[
          {
            name: "Shard",
            cell: ({ id }) => <a href={href(["streams", stream.name], { tab: "peek", shard: id })}>{shortId(id)}</a>,
          },
          {
            name: "State",
            cell: ({ isOpen, closed }) =>
              isOpen ? (
                <span class="state good">open</span>
              ) : (
                <span class="state faint">
                  closed <Time at={closed} />
                </span>
              ),
          },
          { name: "Of all keys", cell: (shard) => <Range shard={shard} /> },
          { name: "From", cell: ({ parents }) => parents.map(shortId).join(", ") },
          { name: "Kept", isNumber: true, cell: ({ records }) => records },
          { name: "Bytes", isNumber: true, cell: ({ bytes }) => shownBytes(bytes) },
          { name: "Ever", isNumber: true, cell: ({ written }) => written },
          { name: "Newest", cell: ({ newest }) => <Time at={newest} /> },
          {
            name: "Change",
            cell: (shard) => stream.mode === "PROVISIONED" && <Change shard={shard} stream={stream} reload={reload} />,
          },
        ]}
      />
    </>
  );
}

/** `shardId-000000000003` by its number, which says it all. */
export function shortId(id: string): string {
  return id.replace(/^shardId-0*(?=\d)/, "shard ");
}

const HASHES = 2n ** 128n;

/** Which part of the hash keys a shard has, as a bar. */
function Range({ shard: { firstHash, lastHash } }: { readonly shard: Shard }): JSX.Element {
  const percent = (hash: bigint): number => Number((hash * 10_000n) / HASHES) / 100;
  const from = percent(BigInt(firstHash));
  const width = percent(BigInt(lastHash) + 1n) - from;
  return (
    <span class="hash-range" title={`${firstHash} – ${lastHash}`}>
      <span style={{ left: `${from}%`, width: `${Math.max(1, width)}%` }} />
      <span class="hidden">
        {from} % to {from + width} %
      </span>
    </span>
  );
}

function Change({ shard, stream, reload }: Resharding & { readonly shard: Shard }): JSX.Element | null {
  if (!shard.isOpen) return null;
  const { name: StreamName } = stream;
  const split = async (): Promise<string> => {
    const middle = (BigInt(shard.firstHash) + BigInt(shard.lastHash)) / 2n + 1n;
    await call("kinesis", "SplitShard", { StreamName, ShardToSplit: shard.id, NewStartingHashKey: String(middle) });
    reload();
    return "Split";
  };
  const next = stream.shards.find((other) => other.isOpen && BigInt(other.firstHash) === BigInt(shard.lastHash) + 1n);
  const merge = async (): Promise<string> => {
    await call("kinesis", "MergeShards", { StreamName, ShardToMerge: shard.id, AdjacentShardToMerge: next?.id });
    reload();
    return "Merged";
  };
  return (
    <span class="buttons">
      <ConfirmButton act={split} question={`Splits ${shortId(shard.id)} into two halves of its keys.`} confirm="Split">
        Split …
      </ConfirmButton>
      {next && (
        <ConfirmButton
          act={merge}
          question={`Merges ${shortId(shard.id)} with its neighbour, ${shortId(next.id)}.`}
          confirm="Merge"
        >
          Merge with {shortId(next.id)} …
        </ConfirmButton>
      )}
    </span>
  );
}

function Count({ stream: { name, openShards }, reload }: Resharding): JSX.Element {
  const count = useSignal(String(openShards * 2));
  const update = async (): Promise<string> => {
    const target = Number(count.value);
    const input = { StreamName: name, TargetShardCount: target, ScalingType: "UNIFORM_SCALING" };
    await call("kinesis", "UpdateShardCount", input);
    reload();
    return `On its way to ${target} shards`;
  };
  return (
    <details class="card spaced">
      <summary>Change the number of shards</summary>
      <div class="form">
        <TextField
          label="Shards"
          hint={`Now ${openShards}. All of them are cut anew, each with an equal part of the keys.`}
          value={count.value}
          onText={(text) => (count.value = text)}
        />
        <ActionButton act={update}>Change</ActionButton>
      </div>
    </details>
  );
}
