import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

/** The head of a page: where one is, its title, and what can be done here. */
export function PageHead({
  title,
  crumbs = [],
  children,
}: {
  readonly title: ComponentChildren;
  /** Pages above this one, the highest first. */
  readonly crumbs?: readonly { readonly title: string; readonly to: string }[];
  /** Buttons and links. */
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <header class="page-head">
      <div>
        {crumbs.length > 0 && (
          <nav class="crumbs" aria-label="Above this page">
            {crumbs.map((crumb) => (
              <a key={crumb.to} href={crumb.to}>
                {crumb.title}
              </a>
            ))}
          </nav>
        )}
        <h1>{title}</h1>
      </div>
      {children && <div class="buttons">{children}</div>}
    </header>
  );
}

/** An id: shortened where it is long, whole in the title, copied by a press. */
export function Id({ id, isWhole = false }: { readonly id: string; readonly isWhole?: boolean }): JSX.Element {
  return (
    <span class="id" title={id}>
      <code>{isWhole || id.length <= 13 ? id : `${id.slice(0, 8)}…`}</code>
      <CopyButton text={id} label={`Copy ${id}`} />
    </span>
  );
}

/** Copies a text. Says so for as long as one needs to read it. */
export function CopyButton({
  text,
  label = "Copy",
}: {
  /** A function where the text is made when it is asked for. */
  readonly text: string | (() => string);
  readonly label?: string;
}): JSX.Element {
  const said = useSignal("");
  const copy = async (): Promise<void> => {
    said.value = await copyText(typeof text === "string" ? text : text());
    setTimeout(() => (said.value = ""), 2000);
  };
  return (
    <>
      <button type="button" class="copy" aria-label={label} title={label} onClick={() => void copy()}>
        <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
          <path
            d="M5 5V2.5h8.5V11H11M2.5 5H11v8.5H2.5z"
            fill="none"
            stroke="currentColor"
            stroke-width="1.4"
            stroke-linejoin="round"
          />
        </svg>
      </button>
      <span class="faint" role="status">
        {said.value}
      </span>
    </>
  );
}

async function copyText(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    // Browsers refuse it on plain HTTP from another machine.
    return "the browser does not let pages copy here";
  }
}

/** Offers what is too large to be shown as a file. Only called by a press: it makes the whole text. */
export function DownloadButton({
  name,
  textOf,
}: {
  readonly name: string;
  textOf(): string | Uint8Array<ArrayBuffer>;
}): JSX.Element {
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([textOf()], { type: "application/octet-stream" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <button type="button" onClick={download}>
      Download
    </button>
  );
}
