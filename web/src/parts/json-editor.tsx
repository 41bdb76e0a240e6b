import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { read } from "../server.ts";
import type { Editor, Found, Told } from "./json-editor/code-mirror.ts";
import type { Shapes } from "./json-editor/shapes.ts";
import "./json-editor.css";

export type { Shape, Shapes } from "./json-editor/shapes.ts";

/** What is wrong with a document, and where: members from the outside in, `["EventPattern", "detail", 0]`. */
export type Problem = Told;

const NO_PROBLEMS: readonly Problem[] = [];

/**
 * A JSON document that is edited as text. What may be written is offered, and what is wrong with it is said at the spot, by its shapes and by
 * the server; the text is kept as it was typed. Tab leads out of it, as everywhere.
 */
export function JsonEditor({
  label,
  text,
  onText,
  of,
  shapes,
  problems = NO_PROBLEMS,
  rows = 12,
  readOnly = false,
}: {
  readonly label: string;
  readonly text: string;
  onText(text: string): void;
  /** The operation whose input the document is, for completion and validation. */
  readonly of?: { readonly model: string; readonly operation: string };
  /** The same of a document that is no operation's input. */
  readonly shapes?: Shapes | undefined;
  /** What the server said of it. A problem without a path is put where its words say, as far as they do. */
  readonly problems?: readonly Problem[];
  readonly rows?: number;
  readonly readOnly?: boolean;
}): JSX.Element {
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const latest = useRef({ text, onText });
  latest.current = { text, onText };
  const [isOpen, setOpen] = useState(false);
  const [found, setFound] = useState<readonly Found[]>([]);
  const told = useOperationShapes(of) ?? shapes;

  useEffect(() => {
    let gone = false;
    import("./json-editor/code-mirror.ts").then(
      ({ openEditor }) => {
        if (gone || !host.current) return;
        const hadFocus = document.activeElement === plain.current;
        editor.current = openEditor({
          parent: host.current,
          text: latest.current.text,
          attributes: { "aria-labelledby": `${id}-label`, "aria-describedby": `${id}-note` },
          rows,
          readOnly,
          onText: (next) => latest.current.onText(next),
          onFound: setFound,
        });
        setOpen(true);
        if (hadFocus) editor.current.focus();
      },
      // The server went away meanwhile. A text can be edited without it.
      () => {},
    );
    return () => {
      gone = true;
      editor.current?.close();
      editor.current = undefined;
      setOpen(false);
    };
  }, [readOnly, rows]);
  useEffect(() => editor.current?.setText(text), [text, isOpen]);
  useEffect(() => editor.current?.setShapes(told), [told, isOpen]);
  useEffect(() => editor.current?.setTold(problems), [problems, isOpen]);

  return (
    <div class="json-editor">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the editor itself is reached by Tab. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as a label that belongs to an input. */}
      <span id={`${id}-label`} class="json-editor-label" onClick={() => editor.current?.focus()}>
        {label}
      </span>
      <div ref={host} />
      {!isOpen && (
        <textarea
          ref={plain}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-note`}
          rows={rows}
          readOnly={readOnly}
          spellcheck={false}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
      <div id={`${id}-note`} class="below">
        <FoundList found={isOpen ? found : problems.map(unplaced)} goTo={(at) => editor.current?.goTo(at)} />
        {!readOnly && told && <span class="faint">Ctrl Space shows what may stand here</span>}
        {!readOnly && <FormatButton text={text} onText={onText} />}
      </div>
    </div>
  );
}

function unplaced({ message }: Problem): Found {
  return { line: undefined, from: 0, message, severity: "error" };
}

const FOUND_MAX = 5;

function FoundList({ found, goTo }: { readonly found: readonly Found[]; goTo(at: number): void }): JSX.Element {
  const more = found.length - FOUND_MAX;
  return (
    <ul class="found" aria-live="polite">
      {found.slice(0, FOUND_MAX).map(({ line, from, message, severity }, place) => (
        <li key={place} class={severity === "error" ? "bad" : "warning"}>
          {line !== undefined && (
            <button type="button" onClick={() => goTo(from)}>
              Line {line}
            </button>
          )}
          {line !== undefined && ": "}
          {message}
        </li>
      ))}
      {more > 0 && <li class="faint">… and {more} more</li>}
    </ul>
  );
}

/** It is looked at with each letter that is typed. */
const FORMATTED_CHARACTERS_MAX = 200_000;

/** Offered where it would change something. */
function FormatButton({ text, onText }: { readonly text: string; onText(text: string): void }): JSX.Element | null {
  const parsed = text.length > FORMATTED_CHARACTERS_MAX ? undefined : parseJson(text);
  if (!parsed || "error" in parsed) return null;
  const formatted = formatJson(parsed.value);
  if (formatted === text) return null;
  return (
    <button type="button" class="small" onClick={() => onText(formatted)}>
      Format
    </button>
  );
}

const known = new Map<string, Promise<Shapes>>();

/** What an operation takes. Without it the editor works too: whoever may not read models still edits. */
export function useOperationShapes(
  of: { readonly model: string; readonly operation: string } | undefined,
): Shapes | undefined {
  const path = of && `models/${encodeURIComponent(of.model)}/${encodeURIComponent(of.operation)}`;
  const [loaded, setLoaded] = useState<{ readonly path: string; readonly shapes: Shapes } | undefined>(undefined);
  useEffect(() => {
    if (path === undefined) return;
    let gone = false;
    const loading = known.get(path) ?? read<Shapes>(path);
    known.set(path, loading);
    loading.then(
      (shapes) => gone || setLoaded({ path, shapes }),
      () => known.delete(path),
    );
    return () => {
      gone = true;
    };
  }, [path]);
  return loaded?.path === path ? loaded?.shapes : undefined;
}

/** Longer lists are written a value a line. */
const LINE_CHARACTERS_MAX = 60;

/** A value as text for people: a member a line, and short lists of plain values in one. */
export function formatJson(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = `${indent}  `;
  if (!Array.isArray(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => `${JSON.stringify(name)}: ${formatJson(member, inner)}`,
    );
    return members.length === 0 ? "{}" : `{\n${inner}${members.join(`,\n${inner}`)}\n${indent}}`;
  }
  const isPlain = value.every((one) => typeof one !== "object" || one === null);
  const line = isPlain ? `[${value.map((one) => formatJson(one)).join(", ")}]` : "";
  if (value.length === 0 || (isPlain && line.length <= LINE_CHARACTERS_MAX)) return line || "[]";
  return `[\n${inner}${value.map((one) => formatJson(one, inner)).join(`,\n${inner}`)}\n${indent}]`;
}

/** A text as JSON, or what is wrong with it. */
export function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
