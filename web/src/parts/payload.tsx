import type { JSX } from "preact";
import { Json } from "./json.tsx";
import { CopyButton } from "./page.tsx";
import "./payload.css";

/** Longer texts are cut where they are shown. */
const SHOWN = 4_000;

/** A text that somebody has sent: as JSON where it is some, else as it is. It is only ever text. */
export function Payload({ text, name = "payload" }: { readonly text: string; readonly name?: string }): JSX.Element {
  const value = asJson(text);
  if (value !== undefined) return <Json value={value} name={name} />;
  return (
    <div class="payload">
      <CopyButton text={text} label="Copy the text" />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys. */}
      <pre tabIndex={0}>
        {text.slice(0, SHOWN)}
        {text.length > SHOWN && <em class="faint"> … {text.length} characters</em>}
      </pre>
    </div>
  );
}

/** Objects and lists; a bare number or text is shown as it was written. */
function asJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
