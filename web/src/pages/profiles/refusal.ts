import { useSignal } from "@preact/signals";
import type { Problem } from "../../parts/json-editor.tsx";
import { ServerError } from "../../server.ts";

const NONE: readonly Problem[] = [];

/** What the server said of a document: shown in it, until something else is typed or it is sent again. */
export function useRefusal(): {
  readonly problems: readonly Problem[];
  clear(): void;
  /** Does something that the server may refuse, and throws what it throws. */
  telling<T>(act: () => Promise<T>): Promise<T>;
} {
  const problems = useSignal(NONE);
  const clear = (): void => {
    problems.value = NONE;
  };
  return {
    problems: problems.value,
    clear,
    async telling(act) {
      clear();
      try {
        return await act();
      } catch (failure) {
        if (failure instanceof ServerError) problems.value = [{ message: failure.message }];
        throw failure;
      }
    },
  };
}
