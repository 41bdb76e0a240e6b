/** The editor itself. It comes when the first one is shown: no first view carries it. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  pickedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { problemsOf } from "./check.ts";
import { choicesAt } from "./complete.ts";
import type { Shapes } from "./shapes.ts";
import { spotOf, stepsSpot } from "./spot.ts";
import { parseJson, type Step } from "./tree.ts";

/** What the server said of a text. */
export interface Told {
  readonly path?: readonly Step[];
  readonly message: string;
}

/** What is wrong, as it is listed beside the text. */
export interface Found {
  /** Counted from 1; `undefined` where nobody knows. */
  readonly line: number | undefined;
  readonly from: number;
  readonly message: string;
  readonly severity: "error" | "warning";
}

export interface Editor {
  setText(text: string): void;
  setShapes(shapes: Shapes | undefined): void;
  setTold(told: readonly Told[]): void;
  /** Puts the cursor there. */
  goTo(at: number): void;
  focus(): void;
  close(): void;
}

/** One types a while, and wants no word in between. */
const PAUSE_MS = 250;

export function openEditor({
  parent,
  text,
  attributes,
  rows,
  readOnly,
  onText,
  onFound,
}: {
  readonly parent: HTMLElement;
  readonly text: string;
  /** Of the box that is typed in: its name and its notes. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly readOnly: boolean;
  onText(text: string): void;
  onFound(found: readonly Found[]): void;
}): Editor {
  let shapes: Shapes | undefined;
  let told: readonly Told[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What was typed and has not come back yet. Who types fast is ahead of what the page shows, and must not be put back to it. */
  const echoes: string[] = [];

  const look = (): void => {
    const content = view.state.doc.toString();
    const found = [...problemsOf(content, shapes), ...toldProblems(content, told)];
    view.dispatch(setDiagnostics(view.state, found.flatMap(diagnostic)));
    onFound(found.map((one) => listed(view.state, one)));
  };
  const lookSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  };
  const complete = (context: CompletionContext): CompletionResult | null => completions(context, shapes);

  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        foldGutter(),
        lintGutter(),
        history(),
        json(),
        indentUnit.of("  "),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        // A line never ends within a text, so Enter is never meant for anything else while something is offered.
        autocompletion({ override: [complete], icons: false, interactionDelay: 0 }),
        syntaxHighlighting(HIGHLIGHTS),
        // Tab is not among them: it leads on to what comes after the editor, as everywhere.
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...foldKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(styleNonce()),
        EditorView.contentAttributes.of({ ...attributes, spellcheck: "false" }),
        EditorState.readOnly.of(readOnly),
        themeOf(rows),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          lookSoon();
          if (update.transactions.some((one) => one.annotation(FROM_OUTSIDE))) return;
          const written = update.state.doc.toString();
          echoes.push(written);
          onText(written);
        }),
      ],
    }),
  });
  look();

  return {
    setText(next) {
      const echo = echoes.lastIndexOf(next);
      if (echo >= 0) {
        echoes.splice(0, echo + 1);
        return;
      }
      echoes.length = 0;
      const { doc } = view.state;
      if (doc.toString() === next) return;
      view.dispatch({
        changes: { from: 0, to: doc.length, insert: next },
        annotations: FROM_OUTSIDE.of(true),
      });
    },
    setShapes(next) {
      if (shapes === next) return;
      shapes = next;
      look();
    },
    setTold(next) {
      if (told === next || (told.length === 0 && next.length === 0)) return;
      told = next;
      look();
    },
    goTo(at) {
      view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    close() {
      clearTimeout(timer);
      view.destroy();
    },
  };
}

/** Marks what was not typed. */
const FROM_OUTSIDE = Annotation.define<boolean>();

/** With a place where its words or its path name one. */
type Placed = Pick<Diagnostic, "message" | "severity"> & { readonly from?: number; readonly to?: number };

function toldProblems(text: string, told: readonly Told[]): Placed[] {
  const parsed = told.length > 0 ? parseJson(text) : undefined;
  if (!parsed) return [];
  return told.map(({ path, message }) => {
    const spot = path ? stepsSpot(parsed, path) : spotOf(parsed, message);
    return { message, severity: "error" as const, ...spot };
  });
}

function diagnostic({ from, to, message, severity }: Placed): Diagnostic[] {
  return from === undefined || to === undefined
    ? []
    : [{ from, to, message, severity: severity === "error" ? "error" : "warning" }];
}

function listed(state: EditorState, { from, message, severity }: Placed): Found {
  return {
    line: from === undefined ? undefined : state.doc.lineAt(Math.min(from, state.doc.length)).number,
    from: from ?? 0,
    message,
    severity: severity === "error" ? "error" : "warning",
  };
}

function completions({ state, pos, explicit }: CompletionContext, shapes: Shapes | undefined): CompletionResult | null {
  if (!shapes) return null;
  const text = state.doc.toString();
  const found = choicesAt(parseJson(text), shapes, pos);
  // Unasked it comes where one has begun to write.
  if (!found || (!explicit && found.from === pos)) return null;
  const { from, to, choices } = found;
  // What stands behind the cursor, a closing quote, say, and moves with it while one types on.
  const behind = Math.max(0, to - pos);
  const options = choices.map(
    ({ label, detail, text: insert, cursor, isRequired }): Completion => ({
      label,
      detail: isRequired ? `${detail}, required` : detail,
      ...(isRequired && { boost: 1 }),
      apply: (view, completion) => {
        view.dispatch({
          changes: { from, to: Math.min(view.state.selection.main.head + behind, view.state.doc.length), insert },
          selection: { anchor: from + cursor },
          userEvent: "input.complete",
          annotations: pickedCompletion.of(completion),
        });
        // Between quotes there may be more to choose from.
        if (/["[{]$/.test(insert.slice(0, cursor))) startCompletion(view);
      },
    }),
  );
  // The quote that one has typed is no part of what is looked for.
  const typed = text.charAt(from) === '"' && from < pos ? from + 1 : from;
  return { from: typed, options, validFor: /^[\w$ .:/-]*$/ };
}

function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=style-nonce]")?.content ?? "";
}

const HIGHLIGHTS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--chart-3)" },
]);

const LINE_EM = 1.5;

function themeOf(rows: number): ReturnType<typeof EditorView.theme> {
  return EditorView.theme({
    "&": {
      color: "var(--text)",
      backgroundColor: "var(--card)",
      border: "1px solid var(--line)",
      borderRadius: "6px",
      fontSize: "0.85rem",
      maxHeight: "70vh",
    },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
    ".cm-scroller": {
      fontFamily: "ui-monospace, monospace",
      lineHeight: String(LINE_EM),
      minHeight: `${rows * LINE_EM}em`,
      overflow: "auto",
    },
    ".cm-content": { caretColor: "var(--text)", outline: "none" },
    ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--faint)", border: "none" },
    ".cm-activeLine": { backgroundColor: "transparent" },
    "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
    "&.cm-focused .cm-matchingBracket": {
      backgroundColor: "transparent",
      outline: "1px solid var(--faint)",
    },
    ".cm-foldPlaceholder": { backgroundColor: "var(--page)", border: "1px solid var(--line)", color: "var(--faint)" },
    ".cm-tooltip": {
      color: "var(--text)",
      backgroundColor: "var(--card)",
      border: "1px solid var(--line)",
      borderRadius: "6px",
    },
    ".cm-tooltip-autocomplete > ul": { fontFamily: "ui-monospace, monospace", maxHeight: "16em" },
    ".cm-tooltip-autocomplete > ul > li": { padding: "0.15rem 0.5rem" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
      backgroundColor: "var(--accent)",
      color: "var(--on-accent)",
    },
    ".cm-completionDetail": { fontStyle: "normal", opacity: "0.85" },
    ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
    ".cm-diagnostic-warning": { borderLeftColor: "var(--chart-3)" },
    ".cm-diagnostic": { whiteSpace: "pre-wrap", maxWidth: "40rem" },
  });
}
