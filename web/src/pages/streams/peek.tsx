import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { shownBytes } from "../../parts/bytes.ts";
import { ActionButton } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { DownloadButton, Id } from "../../parts/page.tsx";
import { Payload } from "../../parts/payload.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, usePaged } from "../../query.ts";
import { route, setQuery } from "../../route.ts";
import { read, region } from "../../server.ts";
import { shortId } from "./shards.tsx";
import type { Content, StreamRecord, WholeStream } from "./stream-data.ts";

const PAGE = 50;

/** Records of one shard from a position on. It is no consumer: nobody's place moves. */
export function Peek({ stream }: { readonly stream: WholeStream }): JSX.Element {
  const { query } = route.value;
  const shard = query.get("shard") ?? stream.shards.find(({ isOpen }) => isOpen)?.id ?? "";
  const from = query.get("from") ?? "last";
  const at = query.get("at") ?? "";
  const path = `streams/${encodeURIComponent(stream.name)}/records`;
  const begin: Readonly<Record<string, string>> = at !== "" ? { at } : { from: from === "newest" ? "last" : from };
  const load = async (next: string | undefined, signal: AbortSignal): Promise<PageOf<StreamRecord>> => {
    const asked = new URLSearchParams({ shard, limit: String(PAGE), ...(next ? { behind: next } : begin) });
    const page = await read<{ records: readonly StreamRecord[]; last?: string }>(`${path}?${asked}`, signal);
    return { rows: page.records, next: page.records.length < PAGE ? undefined : page.last };
  };
  const key = `${stream.name} ${shard} ${JSON.stringify(begin)} ${region.value}`;
  const { rows, error, more, loading, reload } = usePaged(key, load, { keyOf: ({ sequenceNumber }) => sequenceNumber });
  return (
    <>
      <div class="filters">
        <label>
          Shard
          <select value={shard} onChange={(event) => setQuery({ shard: event.currentTarget.value, at: undefined })}>
            {stream.shards.map(({ id, isOpen, records }) => (
              <option key={id} value={id}>
                {shortId(id)}
                {isOpen ? "" : ", closed"}: {records} records
              </option>
            ))}
          </select>
        </label>
        <label>
          From
          <select value={from} onChange={(event) => setQuery({ from: event.currentTarget.value, at: undefined })}>
            <option value="last">the last {PAGE}</option>
            <option value="oldest">the oldest that is kept</option>
            {!["last", "newest", "oldest"].includes(from) && <option value={from}>{from}</option>}
          </select>
        </label>
        <label>
          Time
          <input
            type="datetime-local"
            step="1"
            onChange={(event) => {
              const time = new Date(event.currentTarget.value);
              if (!Number.isNaN(time.getTime())) setQuery({ from: time.toISOString(), at: undefined });
            }}
          />
        </label>
        <label>
          Sequence number
          <input
            type="search"
            value={at}
            onInput={(event) => setQuery({ at: event.currentTarget.value.trim() || undefined })}
          />
        </label>
        <button type="button" onClick={reload}>
          Look again
        </button>
      </div>
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && (
        <Empty>There is no record from there on. Put one, or begin earlier.</Empty>
      )}
      <ol class="records" aria-label={`Records of ${shortId(shard)}`}>
        {rows.map((record) => (
          <li key={record.sequenceNumber}>
            <Record record={record} stream={stream.name} shard={shard} />
          </li>
        ))}
      </ol>
      {more && (
        <button type="button" onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}

interface Whole extends StreamRecord {
  /** Base64. */
  readonly data: string;
}

function Record({
  record,
  stream,
  shard,
}: {
  readonly record: StreamRecord;
  readonly stream: string;
  readonly shard: string;
}): JSX.Element {
  const isOpen = useSignal(false);
  const whole = useSignal<Whole | undefined>(undefined);
  const { sequenceNumber, partitionKey, arrived } = record;
  const load = async (): Promise<undefined> => {
    const asked = new URLSearchParams({ shard, at: sequenceNumber });
    whole.value = await read<Whole>(`streams/${encodeURIComponent(stream)}/record?${asked}`);
  };
  const shown = whole.value ?? record;
  return (
    <details
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>
        <Time at={arrived} withDate={false} /> <strong>{partitionKey}</strong> <Kind content={record} />{" "}
        <code>{record.aggregated ? "" : record.text.slice(0, 160)}</code>
      </summary>
      {isOpen.value && (
        <div class="record">
          <p class="faint">
            Sequence number <Id id={sequenceNumber} isWhole /> · {shownBytes(record.bytes)}
          </p>
          <Body content={shown} name={sequenceNumber} />
          {record.isCut && !whole.value && <ActionButton act={load}>Load it whole</ActionButton>}
          {whole.value && <DownloadButton name={sequenceNumber} textOf={() => bytesOf(whole.value?.data ?? "")} />}
          {!record.isCut && !whole.value && <ActionButton act={load}>Load its bytes</ActionButton>}
        </div>
      )}
    </details>
  );
}

function Kind({ content }: { readonly content: Content }): JSX.Element {
  const { encoding, compression, aggregatedCount, isCut } = content;
  const told = [
    aggregatedCount === undefined ? undefined : `${aggregatedCount} records packed into one`,
    compression,
    aggregatedCount === undefined && encoding === "base64" ? "binary" : undefined,
    isCut ? "cut" : undefined,
  ].filter((word) => word !== undefined);
  return <span class="faint">{told.join(", ")}</span>;
}

function Body({ content, name }: { readonly content: Content; readonly name: string }): JSX.Element {
  if (content.aggregated) {
    return (
      <ol class="records">
        {content.aggregated.map((inner, place) => (
          <li key={place}>
            <strong>{inner.partitionKey}</strong> <Kind content={inner} />
            <Body content={inner} name={`${name}-${place}`} />
          </li>
        ))}
      </ol>
    );
  }
  if (content.encoding === "base64") return <Bytes base64={content.text} />;
  const value = content.encoding === "json" && !content.isCut ? parsed(content.text) : undefined;
  return value === undefined ? <Payload text={content.text} name={name} /> : <Json value={value} name={name} />;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Bytes of a line, and lines that are shown. */
const LINE = 16;
const LINES = 64;

/** Bytes that are no text: in hexadecimal, with what of them can be read. */
function Bytes({ base64 }: { readonly base64: string }): JSX.Element {
  const bytes = bytesOf(base64);
  const lines = Array.from({ length: Math.min(LINES, Math.ceil(bytes.length / LINE)) }, (_, line) => {
    const some = [...bytes.subarray(line * LINE, (line + 1) * LINE)];
    const hex = some.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = some.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    return `${(line * LINE).toString(16).padStart(6, "0")}  ${hex.padEnd(LINE * 3)} ${text}`;
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys.
    <pre class="bytes" tabIndex={0}>
      {lines.join("\n")}
      {bytes.length > LINE * LINES && `\n… ${bytes.length} bytes`}
    </pre>
  );
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
