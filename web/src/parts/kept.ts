import { useState } from "preact/hooks";

const PREFIX = "trunkline.kept.";

/** What somebody has written and not saved, by a name: kept in this tab, also when the page is left or loaded anew. `undefined` forgets it. */
export function useKept<T>(name: string): readonly [T | undefined, (next: T | undefined) => void] {
  const [state, setState] = useState<{ readonly name: string; readonly value: T | undefined }>();
  const value = state?.name === name ? state.value : readKept<T>(name);
  return [
    value,
    (next) => {
      keep(name, next);
      setState({ name, value: next });
    },
  ];
}

function readKept<T>(name: string): T | undefined {
  const text = sessionStorage.getItem(PREFIX + name);
  return text === null ? undefined : (JSON.parse(text) as T);
}

function keep(name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // The browser keeps no more: it is there as long as the page is.
  }
}
