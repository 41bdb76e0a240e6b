import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { shownBytes } from "../../parts/bytes.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton, ChoiceField, TextField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, usePaged } from "../../query.ts";
import { href } from "../../route.ts";
import { call, read, region, session } from "../../server.ts";
import type { Stream } from "./stream-data.ts";

const RELOAD_MS = 2000;

/** The Kinesis streams of the account, with what each holds and how fast it grows. */
export function StreamsPage(): JSX.Element {
  const rates = useRates();
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<Stream>> => {
    const page = await read<{ time: string; streams: readonly Stream[]; next?: string }>(
      `streams?limit=100${next ? `&after=${next}` : ""}`,
      signal,
    );
    rates.note(page.streams);
    return { rows: page.streams, next: page.next };
  };
  const key = `${session.value?.accessKeyId} ${region.value}`;
  const { rows, error, more, loading, reload } = usePaged(key, load, { keyOf: ({ name }) => name, everyMs: RELOAD_MS });
  return (
    <>
      <PageHead title="Streams" />
      <Failure error={error} />
      <Create onCreated={reload} />
      {!loading && rows.length === 0 && !error && (
        <Empty>There is no stream in {region.value}. Create one above, or with `aws kinesis create-stream`.</Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Streams"
          rows={rows}
          more={more}
          keyOf={({ name }) => name}
          columns={[
            { name: "Stream", cell: ({ name }) => <a href={href(["streams", name])}>{name}</a> },
            {
              name: "Shards",
              isNumber: true,
              cell: ({ name, openShards }) => <a href={href(["streams", name], { tab: "shards" })}>{openShards}</a>,
            },
            { name: "Records/s", isNumber: true, cell: ({ name }) => rates.of(name) },
            { name: "Kept", isNumber: true, cell: ({ records }) => records },
            { name: "Bytes", isNumber: true, cell: ({ bytes }) => shownBytes(bytes) },
            { name: "Retention", isNumber: true, cell: ({ retentionHours }) => `${retentionHours} h` },
            { name: "Mode", cell: ({ mode }) => (mode === "ON_DEMAND" ? "on demand" : "provisioned") },
            { name: "Encryption", cell: ({ encryptionKey }) => encryptionKey ?? "none" },
            { name: "Created", cell: ({ created }) => <Time at={created} /> },
          ]}
        />
      )}
    </>
  );
}

/** How many records come a second, from one look to the next. */
function useRates(): { note(streams: readonly Stream[]): void; of(name: string): string } {
  const seen = useRef(new Map<string, { readonly written: number; readonly atMs: number; readonly rate?: number }>());
  return {
    note(streams) {
      const atMs = performance.now();
      for (const { name, written } of streams) {
        const before = seen.current.get(name);
        const rate = before && Math.max(0, (written - before.written) / ((atMs - before.atMs) / 1000));
        seen.current.set(name, { written, atMs, ...(rate !== undefined && { rate }) });
      }
    },
    of(name) {
      const rate = seen.current.get(name)?.rate;
      return rate === undefined ? "" : rate.toFixed(rate < 10 ? 1 : 0);
    },
  };
}

function Create({ onCreated }: { onCreated(): void }): JSX.Element {
  const name = useSignal("");
  const mode = useSignal("PROVISIONED");
  const shards = useSignal("1");
  const create = async (): Promise<string> => {
    await call("kinesis", "CreateStream", {
      StreamName: name.value,
      StreamModeDetails: { StreamMode: mode.value },
      ...(mode.value === "PROVISIONED" && { ShardCount: Number(shards.value) }),
    });
    onCreated();
    return `${name.value} is there`;
  };
  return (
    <details class="card spaced">
      <summary>Create a stream</summary>
      <div class="form">
        <TextField label="Name" value={name.value} onText={(text) => (name.value = text)} />
        <ChoiceField
          label="Mode"
          value={mode.value}
          choices={[
            ["PROVISIONED", "provisioned"],
            ["ON_DEMAND", "on demand"],
          ]}
          onChoice={(value) => (mode.value = value)}
        />
        {mode.value === "PROVISIONED" && (
          <TextField label="Shards" value={shards.value} onText={(text) => (shards.value = text)} />
        )}
        <ActionButton isPrimary disabled={name.value === ""} act={create}>
          Create
        </ActionButton>
      </div>
    </details>
  );
}
