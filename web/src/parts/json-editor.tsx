import type { JSX } from "preact";
import { Field } from "./form.tsx";

/** What is wrong with a document, and where: members from the outside in, `["EventPattern", "detail", 0]`. */
export interface Problem {
  readonly path?: readonly (string | number)[];
  readonly message: string;
}

/** A JSON document that is edited as text. What is wrong with it is said at the spot; the text is kept as it was typed. */
export function JsonEditor({
  label,
  text,
  onText,
  problems = [],
  rows = 12,
  readOnly = false,
}: {
  readonly label: string;
  readonly text: string;
  onText(text: string): void;
  /** The operation whose input the document is, for completion and validation. */
  readonly of?: { readonly model: string; readonly operation: string };
  /** What the server said of it. */
  readonly problems?: readonly Problem[];
  readonly rows?: number;
  readonly readOnly?: boolean;
}): JSX.Element {
  const parsed = parseJson(text);
  const problem = "error" in parsed ? parsed.error : problems.map(({ message }) => message).join("; ") || undefined;
  return (
    <Field label={label} problem={problem}>
      {(control) => (
        <textarea
          {...control}
          rows={rows}
          readOnly={readOnly}
          spellcheck={false}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A text as JSON, or what is wrong with it. */
export function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
