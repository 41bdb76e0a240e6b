import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Choice, choicesFor, loadNamed } from "../find.ts";
import { go } from "../route.ts";

export const paletteOpen = signal(false);

/** Ctrl K: goes to a page, to something that has a name, or to what an id names. */
export function Palette(): JSX.Element | null {
  const text = useSignal("");
  const at = useSignal(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = paletteOpen.value;
  // Before anything is painted: what is typed right after Ctrl K goes into it.
  useLayoutEffect(() => {
    if (isOpen) {
      dialog.current?.showModal();
      void loadNamed();
    }
    text.value = "";
    at.value = 0;
  }, [isOpen]);
  if (!isOpen) return null;
  const choices = choicesFor(text.value.trim());
  const chosen = choices[Math.min(at.value, choices.length - 1)];
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      at.value = Math.max(0, Math.min(choices.length - 1, at.value + step));
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      open(chosen);
    }
  };
  const open = ({ to }: Choice): void => {
    // Closed by itself it gives the focus back to where it came from.
    dialog.current?.close();
    go(to);
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="Find or go to" onClose={() => (paletteOpen.value = false)}>
      <input
        aria-label="Page, name or id"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-choices"
        aria-activedescendant={chosen && `palette-${choices.indexOf(chosen)}`}
        placeholder="A page, a name, or the id of a contact"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={onKey}
      />
      <div id="palette-choices" role="listbox" aria-label="Choices">
        {choices.map((choice, place) => (
          <div
            key={choice.to}
            id={`palette-${place}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === chosen}
            onMouseDown={() => open(choice)}
          >
            {choice.title}
            {choice.kind && <span class="kind">{choice.kind}</span>}
          </div>
        ))}
      </div>
    </dialog>
  );
}
