import type { JSX } from "preact";

/** Longer texts and lists are cut where they are shown; the whole can be downloaded. */
const TEXT_MAX = 2000;
const ITEMS_MAX = 200;

/** A JSON value as a tree that opens and closes. Everything in it is text: nothing that was stored can become markup. */
export function Json({ value, open = 2 }: { readonly value: unknown; readonly open?: number }): JSX.Element {
  return (
    <div class="json">
      <Value value={value} open={open} />
    </div>
  );
}

function Value({ value, open }: { readonly value: unknown; readonly open: number }): JSX.Element {
  if (typeof value !== "object" || value === null) return <Plain value={value} />;
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  if (entries.length === 0) return <span class="json-empty">{isList ? "[]" : "{}"}</span>;
  return (
    <details open={open > 0}>
      <summary>{isList ? `[${entries.length}]` : `{${entries.length}}`}</summary>
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
      {entries.length > ITEMS_MAX && <p class="faint">… and {entries.length - ITEMS_MAX} more</p>}
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
