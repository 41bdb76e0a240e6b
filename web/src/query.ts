/** What a view knows of the server: loaded once, again at intervals, or pushed. */
import { useEffect, useRef, useState } from "preact/hooks";
import { follow } from "./server.ts";

export interface Loaded<T> {
  /** The last that came, also while more is on its way or after a failure. */
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  reload(): void;
}

/**
 * Loads whenever `key` changes; `undefined` loads nothing. `everyMs` loads again at that interval, while the page is looked at. What comes
 * late, for an earlier key, is dropped.
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
    const once = async (): Promise<void> => {
      try {
        const value = await latest.current(abort.signal);
        if (!abort.signal.aborted) setState({ key, value, loading: false });
      } catch (error) {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error: error as Error, loading: false }));
      }
    };
    setState((before) => (before.key === key ? { ...before, loading: true } : { loading: true }));
    void once();
    const timer = everyMs === undefined ? undefined : setInterval(() => void (document.hidden || once()), everyMs);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [key, round, everyMs]);
  const isCurrent = state.key === key || state.key === undefined;
  return {
    value: isCurrent ? state.value : undefined,
    error: state.error,
    loading: state.loading,
    reload: () => setRound((before) => before + 1),
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
  const going = useRef<{ readonly abort: AbortController; isLoading: boolean } | undefined>(undefined);
  useEffect(() => {
    if (key === undefined) return;
    const own = { abort: new AbortController(), isLoading: false };
    going.current = own;
    const { signal } = own.abort;
    const first = async (): Promise<void> => {
      try {
        const page = await latest.current(undefined, signal);
        if (signal.aborted) return;
        setState((before) => ({ ...(before.key === key ? renewed(before, page, keyOf) : page), key, loading: false }));
      } catch (error) {
        if (!signal.aborted) setState((before) => ({ ...before, key, error: error as Error, loading: false }));
      }
    };
    setState((before) => (before.key === key ? before : { rows: [], loading: true }));
    void first();
    const timer = everyMs === undefined ? undefined : setInterval(() => void (document.hidden || first()), everyMs);
    return () => {
      own.abort.abort();
      clearInterval(timer);
    };
  }, [key, round, everyMs]);
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
    reload: () => setRound((before) => before + 1),
  };
}

/** The rows that are known with the first page as it is now. Where the two do not touch any more, the list begins anew. */
function renewed<T>(before: Pages<T>, page: PageOf<T>, keyOf: (row: T) => string): PageOf<T> {
  const isNew = new Set(page.rows.map(keyOf));
  const last = before.rows.findLastIndex((row) => isNew.has(keyOf(row)));
  if (last < 0 || page.next === undefined) return page;
  const rest = before.rows.slice(last + 1);
  return { rows: [...page.rows, ...rest], next: rest.length > 0 ? before.next : page.next, total: page.total };
}

/** What an endpoint pushes, put together by `add` from nothing; begins anew after each break of the connection. `undefined`: follows nothing. */
export function useFollowed<T, S>(
  path: string | undefined,
  add: (before: S | undefined, item: T) => S,
): { readonly value: S | undefined; readonly error: Error | undefined } {
  const [state, setState] = useState<{ path?: string | undefined; value?: S | undefined; error?: Error }>({});
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    setState({ path });
    follow<T>(
      path,
      (items) => setState(({ value }) => ({ path, value: items.reduce(latest.current, value) })),
      abort.signal,
      () => setState({ path }),
    ).catch((error: Error) => {
      if (!abort.signal.aborted) setState({ path, error });
    });
    return () => abort.abort();
  }, [path]);
  return { value: state.path === path ? state.value : undefined, error: state.error };
}
