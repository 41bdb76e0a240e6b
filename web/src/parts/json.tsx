import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { CopyButton, DownloadButton } from "./page.tsx";

/** Longer texts and lists are cut where they are shown; the whole can be downloaded. */
const TEXT_MAX = 2000;
const ITEMS_MAX = 200;

/**
 * A JSON value as a tree that opens and closes, to be copied and downloaded. Everything in it is text: nothing that was stored can become
 * markup.
 */
export function Json({
  value,
  open = 2,
  name = "document",
}: {
  readonly value: unknown;
  readonly open?: number;
  /** What a downloaded file is called, without its ending. */
  readonly name?: string;
}): JSX.Element {
  return (
    <div class="json">
      <div class="json-tools">
        <DownloadButton name={`${name}.json`} textOf={() => JSON.stringify(value, undefined, 2)} />
        <CopyDocument value={value} />
      </div>
      <Value value={value} open={open} />
    </div>
  );
}

function CopyDocument({ value }: { readonly value: unknown }): JSX.Element {
  return <CopyButton text={() => JSON.stringify(value, undefined, 2)} label="Copy as JSON" />;
}

/** A line that opens to its document, which is made when it is opened: hundreds of lines are shown. */
export function Unfolding({
  summary,
  document,
  open = false,
}: {
  readonly summary: ComponentChildren;
  readonly document: unknown;
  readonly open?: boolean;
}): JSX.Element {
  const isOpen = useSignal(open);
  return (
    <details
      class="unfolding"
      open={open}
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{summary}</summary>
      {isOpen.value && <Json value={document} />}
    </details>
  );
}

function Value({ value, open }: { readonly value: unknown; readonly open: number }): JSX.Element {
  if (typeof value !== "object" || value === null) return <Plain value={value} />;
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  if (entries.length === 0) return <span class="json-empty">{isList ? "[]" : "{}"}</span>;
  return <Branch entries={entries} isList={isList} open={open} />;
}

/** What is closed is not drawn: a document may have ten thousand members. */
function Branch({
  entries,
  isList,
  open,
}: {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly isList: boolean;
  readonly open: number;
}): JSX.Element {
  const isOpen = useSignal(open > 0);
  return (
    <details
      open={isOpen.value}
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{isList ? `[${entries.length}]` : `{${entries.length}}`}</summary>
      {isOpen.value && (
        <dl>
          {entries.slice(0, ITEMS_MAX).map(([key, member]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>
                <Value value={member} open={open - 1} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {isOpen.value && entries.length > ITEMS_MAX && <p class="faint">… and {entries.length - ITEMS_MAX} more</p>}
    </details>
  );
}

function Plain({ value }: { readonly value: unknown }): JSX.Element {
  if (typeof value !== "string") return <span class={`json-${typeof value}`}>{String(value)}</span>;
  return (
    <span class="json-string">
      {value.slice(0, TEXT_MAX)}
      {value.length > TEXT_MAX && <em class="faint"> … {value.length} characters</em>}
    </span>
  );
}
