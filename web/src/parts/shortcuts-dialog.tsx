import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { pages } from "../pages.tsx";

export const shortcutsOpen = signal(false);

/** What the keys do. */
export function ShortcutsDialog(): JSX.Element | null {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = shortcutsOpen.value;
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <dialog ref={dialog} class="confirm" aria-label="Keys" onClose={() => (shortcutsOpen.value = false)}>
      <h2>Keys</h2>
      <dl class="keys">
        <Key keys={["Ctrl", "K"]} does="find or go to anything" />
        <Key keys={["/"]} does="filter what is on the page" />
        <Key keys={["?"]} does="this list" />
        {pages.flatMap(({ letter, title }) =>
          letter === undefined ? [] : [<Key key={letter} keys={["g", letter]} does={title} />],
        )}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}

function Key({ keys, does }: { readonly keys: readonly string[]; readonly does: string }): JSX.Element {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
