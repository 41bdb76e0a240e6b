/** What a view knows of the server: loaded once, again at intervals, or pushed. */
import { useEffect, useRef, useState } from "preact/hooks";
import { comebacks, follow } from "./server.ts";

export interface Loaded<T> {
  /** The last that came, also while more is on its way or after a failure. */
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  reload(): void;
}

/**
 * Loads whenever `key` changes, and when the server is there again after it was away; `undefined` loads nothing. `everyMs` loads again at
 * that interval, while the page is looked at. What comes late, for an earlier key, is dropped.
 */
export function useLoaded<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs }: { readonly everyMs?: number } = {},
): Loaded<T> {
  const [state, setState] = useState<{ key?: string | undefined; value?: T; error?: Error; loading: boolean }>({
    loading: key !== undefined,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    const once = oneAtATime(async () => {
      try {
        const value = await latest.current(abort.signal);
        if (!abort.signal.aborted) setState({ key, value, loading: false });
      } catch (error) {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error: error as Error, loading: false }));
      }
    });
    setState((before) => (before.key === key ? { ...before, loading: true } : { loading: true }));
    once();
    const timer = everyMs === undefined ? undefined : setInterval(() => document.hidden || once(), everyMs);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [key, round, everyMs, comebacks.value]);
  const isCurrent = state.key === key || state.key === undefined;
  return {
    value: isCurrent ? state.value : undefined,
    error: state.error,
    loading: state.loading,
    reload: () => setRound((before) => before + 1),
  };
}

/** Where the answer is slower than the interval, the next look waits: two under way could come in the wrong order, and would pile up. */
function oneAtATime(look: () => Promise<void>): () => void {
  let isLooking = false;
  return () => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  };
}

export interface PageOf<T> {
  readonly rows: readonly T[];
  readonly next?: string | undefined;
  /** How many there are in all, where the server knows. */
  readonly total?: number | undefined;
}

export interface Paged<T> {
  readonly rows: readonly T[];
  readonly total: number | undefined;
  readonly error: Error | undefined;
  /** Whether the first page is still on its way. */
  readonly loading: boolean;
  /** Loads the next page; absent at the end. For `DataTable`. */
  readonly more: (() => void) | undefined;
  reload(): void;
}

interface Pages<T> extends PageOf<T> {
  readonly key?: string | undefined;
  readonly error?: Error;
  readonly loading: boolean;
}

/**
 * A list that the server gives a page at a time. Begins anew whenever `key` changes; `undefined` loads nothing. `everyMs` looks at the
 * first page again, while the page is looked at: what is new goes in front, and what has changed is changed where it stands.
 */
export function usePaged<T>(
  key: string | undefined,
  load: (next: string | undefined, signal: AbortSignal) => Promise<PageOf<T>>,
  { keyOf, everyMs }: { keyOf(row: T): string; readonly everyMs?: number },
): Paged<T> {
  const [state, setState] = useState<Pages<T>>({ rows: [], loading: key !== undefined });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  /** How many rows a reload looks at again. */
  const again = useRef(0);
  const going = useRef<{ readonly abort: AbortController; isLoading: boolean } | undefined>(undefined);
  useEffect(() => {
    if (key === undefined) return;
    const own = { abort: new AbortController(), isLoading: false };
    going.current = own;
    const { signal } = own.abort;
    const first = oneAtATime(async () => {
      try {
        const wanted = again.current;
        again.current = 0;
        const page = await pagesUpTo(wanted, (next) => latest.current(next, signal));
        if (signal.aborted) return;
        const isPart = wanted === 0;
        setState((before) => ({
          ...(isPart && before.key === key ? renewed(before, page, keyOf) : page),
          key,
          loading: false,
        }));
      } catch (error) {
        if (!signal.aborted) setState((before) => ({ ...before, key, error: error as Error, loading: false }));
      }
    });
    setState((before) => (before.key === key ? before : { rows: [], loading: true }));
    first();
    const timer = everyMs === undefined ? undefined : setInterval(() => document.hidden || first(), everyMs);
    return () => {
      own.abort.abort();
      clearInterval(timer);
    };
  }, [key, round, everyMs, comebacks.value]);
  const { next } = state;
  const more = async (): Promise<void> => {
    const own = going.current;
    if (!own || own.isLoading || next === undefined) return;
    own.isLoading = true;
    try {
      const page = await latest.current(next, own.abort.signal);
      if (own.abort.signal.aborted) return;
      setState((before) => {
        const known = new Set(before.rows.map(keyOf));
        const rows = [...before.rows, ...page.rows.filter((row) => !known.has(keyOf(row)))];
        return { ...before, rows, next: page.next, total: page.total ?? before.total };
      });
    } catch (error) {
      if (!own.abort.signal.aborted) setState((before) => ({ ...before, error: error as Error }));
    }
    own.isLoading = false;
  };
  const isCurrent = state.key === key;
  return {
    rows: isCurrent ? state.rows : [],
    total: isCurrent ? state.total : undefined,
    error: state.error,
    loading: state.loading,
    more: isCurrent && next !== undefined ? () => void more() : undefined,
    reload: () => {
      again.current = state.rows.length;
      setRound((before) => before + 1);
    },
  };
}

/** As many pages are looked at again after an action, which may have changed or deleted a row of any of them. */
const PAGES_AGAIN = 20;

/** The first page, and those that follow until there are so many rows. */
async function pagesUpTo<T>(rows: number, load: (next: string | undefined) => Promise<PageOf<T>>): Promise<PageOf<T>> {
  let all = await load(undefined);
  for (let count = 1; all.next !== undefined && all.rows.length < rows && count < PAGES_AGAIN; count++) {
    const page = await load(all.next);
    all = { rows: [...all.rows, ...page.rows], next: page.next, total: page.total ?? all.total };
  }
  return all;
}

/** The rows that are known with the first page as it is now. Where the two do not touch any more, the list begins anew. */
function renewed<T>(before: Pages<T>, page: PageOf<T>, keyOf: (row: T) => string): PageOf<T> {
  const isNew = new Set(page.rows.map(keyOf));
  const last = before.rows.findLastIndex((row) => isNew.has(keyOf(row)));
  if (last < 0 || page.next === undefined) return page;
  const rest = before.rows.slice(last + 1);
  return { rows: [...page.rows, ...rest], next: rest.length > 0 ? before.next : page.next, total: page.total };
}

/** A page that nobody looks at for so long lets its connection go: a browser has six to a server, for all its tabs. */
const HIDDEN_MS = 10_000;

export interface Followed<S> {
  readonly value: S | undefined;
  readonly error: Error | undefined;
  /** Whether the connection is there: what happens from now on is told. */
  readonly isOpen: boolean;
  /** Whether the connection was let go or broke, and what came meanwhile is missing: only where what is pushed `goesOn`. */
  readonly hasGap: boolean;
}

interface FollowState<S> {
  readonly path?: string;
  readonly value?: S | undefined;
  readonly isOpen?: boolean;
  /** Whether the value is of an earlier connection: the next item begins anew. */
  readonly isOld?: boolean;
  readonly error?: Error;
  readonly hasGap?: boolean;
}

/**
 * What an endpoint pushes, put together by `add` from nothing; begins anew after each break of the connection, and when the page is looked
 * at again after it was hidden for `hiddenMs`. Until something has come then, what was known is shown. Where what is pushed `goesOn` (has
 * nothing of what was), it is added to what is known. `undefined`: follows nothing.
 */
export function useFollowed<T, S>(
  path: string | undefined,
  add: (before: S | undefined, item: T) => S,
  { hiddenMs = HIDDEN_MS, goesOn = false }: { readonly hiddenMs?: number; readonly goesOn?: boolean } = {},
): Followed<S> {
  const [state, setState] = useState<FollowState<S>>({});
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    if (path === undefined) return;
    const taken = (before: FollowState<S>, items: readonly T[]): FollowState<S> => ({
      path,
      isOpen: true,
      value: items.reduce(latest.current, before.path === path && !before.isOld ? before.value : undefined),
      hasGap: before.path === path && before.hasGap === true,
    });
    const opened = (before: FollowState<S>): FollowState<S> => {
      if (before.path !== path || before.value === undefined) return { path, isOpen: true };
      return { path, isOpen: true, value: before.value, isOld: !goesOn, hasGap: goesOn };
    };
    return whileLookedAt(hiddenMs, (signal) => {
      follow<T>(
        path,
        (items) => setState((before) => taken(before, items)),
        signal,
        () => setState(opened),
      ).catch((error: Error) => {
        if (!signal.aborted) setState({ path, error });
      });
    });
  }, [path, hiddenMs, goesOn, comebacks.value]);
  const isCurrent = state.path === path;
  return {
    value: isCurrent ? state.value : undefined,
    error: isCurrent ? state.error : undefined,
    isOpen: isCurrent && state.isOpen === true,
    hasGap: isCurrent && state.hasGap === true,
  };
}

/** Begins something once the page is looked at, ends it when it was hidden for a time, and begins it again. Answers how to end it for good. */
function whileLookedAt(hiddenMs: number, begin: (signal: AbortSignal) => void): () => void {
  let going: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => {
    going?.abort();
    going = undefined;
  };
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(end, hiddenMs);
    } else if (!going) {
      going = new AbortController();
      begin(going.signal);
    }
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    clearTimeout(timer);
    end();
  };
}
