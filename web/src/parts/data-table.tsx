import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./data-table.css";

export interface Column<Row> {
  readonly name: string;
  /** Figures stand at the right, in digits of one width. */
  readonly isNumber?: boolean;
  /** A CSS width: `12rem`. Without one the browser decides, from what it shows. */
  readonly width?: string;
  cell(row: Row): ComponentChildren;
}

/** The height of a row, in pixels: rows of a long table are placed by it. */
const ROW = 33;
/** Shorter tables are simply there. */
const WINDOW_FROM = 150;
/** Rows beyond what can be seen, so that scrolling finds them drawn. */
const AROUND = 20;

/**
 * Rows of any number: of many only those are drawn that can be seen. The first column names the row. `more` loads what follows, and is
 * called when the reader comes near the end.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  more,
  total,
  isChosen,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
  /** Absent where all rows are there. */
  readonly more?: (() => void) | undefined;
  /** How many rows there are, where the server knows. */
  readonly total?: number | undefined;
  isChosen?(row: Row): boolean;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const first = useSignal(0);
  const seen = useSignal(60);
  const isLong = rows.length > WINDOW_FROM || more !== undefined;
  const look = (): void => {
    const element = box.current;
    if (!element) return;
    first.value = Math.floor(element.scrollTop / ROW);
    seen.value = Math.ceil(element.clientHeight / ROW);
    if (more && element.scrollTop + element.clientHeight > element.scrollHeight - ROW * AROUND) more();
  };
  useEffect(look, [rows.length, more]);
  useEffect(() => {
    const resized = new ResizeObserver(look);
    if (box.current) resized.observe(box.current);
    return () => resized.disconnect();
  }, []);
  const from = isLong ? Math.max(0, first.value - AROUND) : 0;
  const to = isLong ? Math.min(rows.length, first.value + seen.value + AROUND) : rows.length;
  const [name, ...others] = columns;
  return (
    // What scrolls can be reached by keys.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys.
    <section ref={box} class={isLong ? "rows long" : "rows"} aria-label={label} tabIndex={0} onScroll={look}>
      <table aria-rowcount={(total ?? rows.length) + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                class={column.isNumber ? "number" : undefined}
                style={column.width ? { width: column.width } : undefined}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={from} columns={columns.length} />
          {rows.slice(from, to).map((row, place) => (
            <tr key={keyOf(row)} aria-rowindex={from + place + 2} class={isChosen?.(row) ? "chosen" : undefined}>
              {name && <th scope="row">{name.cell(row)}</th>}
              {others.map((column) => (
                <td key={column.name} class={column.isNumber ? "number" : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <Gap rows={rows.length - to} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

/** The place of rows that are not drawn. */
function Gap({ rows, columns }: { readonly rows: number; readonly columns: number }): JSX.Element | null {
  if (rows <= 0) return null;
  return (
    <tr class="gap">
      <td colSpan={columns} style={{ height: `${rows * ROW}px` }} />
    </tr>
  );
}
