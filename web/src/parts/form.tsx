import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Failure } from "./notes.tsx";
import "./form.css";

/** One input with its name, what it is for, and what is wrong with it. Give the control the attributes it is called with. */
export function Field({
  label,
  hint,
  problem,
  children,
}: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  children(control: { id: string; "aria-describedby": string; "aria-invalid": boolean }): ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-note`, "aria-invalid": problem !== undefined })}
      <p id={`${id}-note`} class={problem === undefined ? "faint" : "bad"}>
        {problem ?? hint}
      </p>
    </div>
  );
}

/** A line of text with its name. */
export function TextField({
  value,
  onText,
  placeholder,
  ...field
}: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly placeholder?: string;
  onText(text: string): void;
}): JSX.Element {
  return (
    <Field {...field}>
      {(control) => (
        <input
          {...control}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** One of some values with its name. */
export function ChoiceField({
  value,
  choices,
  onChoice,
  ...field
}: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  readonly value: string;
  /** Values with what they are called. */
  readonly choices: readonly (string | readonly [value: string, title: string])[];
  onChoice(value: string): void;
}): JSX.Element {
  return (
    <Field {...field}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChoice(event.currentTarget.value)}>
          {choices.map((choice) => {
            const [given, title] = typeof choice === "string" ? [choice, choice] : choice;
            return (
              <option key={given} value={given}>
                {title}
              </option>
            );
          })}
        </select>
      )}
    </Field>
  );
}

/**
 * Does something that takes its time: cannot be pressed again meanwhile, says in words what was done (what `act` answers), and shows at
 * the spot why it failed. `act` may throw.
 */
export function ActionButton({
  act,
  children,
  isPrimary = false,
  disabled = false,
}: {
  act(): Promise<string | undefined>;
  readonly children: ComponentChildren;
  readonly isPrimary?: boolean;
  readonly disabled?: boolean;
}): JSX.Element {
  const state = useSignal<{ readonly busy?: true; readonly error?: Error; readonly done?: string }>({});
  const run = async (): Promise<void> => {
    if (state.value.busy) return;
    state.value = { busy: true };
    try {
      const done = await act();
      state.value = done ? { done } : {};
    } catch (error) {
      state.value = { error: error as Error };
    }
  };
  const { busy = false, error, done } = state.value;
  return (
    <span class="action">
      <button
        type="button"
        class={isPrimary ? "primary" : undefined}
        disabled={disabled}
        // A button that is disabled while it works loses the focus.
        aria-disabled={busy || undefined}
        aria-busy={busy}
        onClick={() => void run()}
      >
        {children}
      </button>
      {done && (
        <span class="good" role="status">
          {done}
        </span>
      )}
      <Failure error={error} />
    </span>
  );
}

/** The same for what cannot be undone: asks first, and says what would be lost. */
export function ConfirmButton({
  act,
  children,
  question,
  confirm,
}: {
  act(): Promise<string | undefined>;
  readonly children: ComponentChildren;
  readonly question: ComponentChildren;
  /** What the button says that does it: `Delete`. */
  readonly confirm: string;
}): JSX.Element {
  const asks = useSignal(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (asks.value) dialog.current?.showModal();
  }, [asks.value]);
  const done = useSignal<string | undefined>(undefined);
  return (
    <span class="action">
      <button type="button" onClick={() => (asks.value = true)}>
        {children}
      </button>
      {done.value && (
        <span class="good" role="status">
          {done.value}
        </span>
      )}
      {asks.value && (
        <dialog ref={dialog} class="confirm" aria-label={confirm} onClose={() => (asks.value = false)}>
          <p>{question}</p>
          <div class="buttons">
            <ActionButton
              isPrimary
              act={async () => {
                done.value = (await act()) ?? undefined;
                dialog.current?.close();
              }}
            >
              {confirm}
            </ActionButton>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </dialog>
      )}
    </span>
  );
}
