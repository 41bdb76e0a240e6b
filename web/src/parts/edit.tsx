/** Something that is stored, while somebody changes it and others may change it too. */
import type { ComponentChildren, JSX } from "preact";
import { Json } from "./json.tsx";
import { useKept } from "./kept.ts";

export interface Edit<T> {
  /** What is written here, or else what is stored. */
  readonly draft: T | undefined;
  readonly isChanged: boolean;
  /** What was stored when writing began is not what is stored now. */
  readonly isOutdated: boolean;
  write(draft: T): void;
  discard(): void;
  /** Keeps what is written here: saving it writes over what others have saved since. */
  keep(): void;
  /** Throws where what is stored is another than this was written over. Call it with what was just read, before it is written. */
  check(now: string): void;
}

interface Written<T> {
  readonly draft: T;
  readonly over: string;
}

/**
 * What is written over `stored` and not saved, kept in this tab (`useKept`). `version` is any text that differs where what is stored differs: by
 * it is noticed that somebody else has saved meanwhile, since the APIs write whatever they are given.
 */
export function useEdit<T>(name: string, stored: T | undefined, version: string | undefined): Edit<T> {
  const [written, setWritten] = useKept<Written<T>>(`edit ${name}`);
  const isChanged = written !== undefined && JSON.stringify(written.draft) !== JSON.stringify(stored);
  return {
    draft: written?.draft ?? stored,
    isChanged,
    isOutdated: isChanged && version !== undefined && written.over !== version,
    write: (draft) => setWritten({ draft, over: (isChanged ? written.over : version) ?? "" }),
    discard: () => setWritten(undefined),
    keep: () => written && setWritten({ draft: written.draft, over: version ?? "" }),
    check(now) {
      if (now === (isChanged ? written.over : version)) return;
      throw new Error("Somebody else has saved it meanwhile, so nothing was saved. Look at theirs, then choose.");
    },
  };
}

/** Above what was written over something that others have changed since. */
export function Outdated<T>({
  edit,
  stored,
  children,
}: {
  readonly edit: Edit<T>;
  readonly stored: unknown;
  /** Who has changed it, and when. */
  readonly children?: ComponentChildren;
}): JSX.Element | null {
  if (!edit.isOutdated) return null;
  return (
    <section class="card spaced" role="alert" aria-label="Changed meanwhile">
      <p>
        <strong class="warn">Somebody else has saved this since you began to write.</strong> {children}
      </p>
      <details>
        <summary>What is saved now</summary>
        <Json value={stored} open={4} name="saved" />
      </details>
      <p class="buttons">
        <button type="button" onClick={edit.keep}>
          Keep mine
        </button>
        <button type="button" onClick={edit.discard}>
          Take theirs
        </button>
        <span class="faint">Mine is not saved by that: saving it then writes over theirs.</span>
      </p>
    </section>
  );
}
