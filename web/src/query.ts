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
      (item) => setState((before) => ({ path, value: latest.current(before.value, item) })),
      abort.signal,
    ).catch((error: Error) => {
      if (!abort.signal.aborted) setState({ path, error });
    });
    return () => abort.abort();
  }, [path]);
  return { value: state.path === path ? state.value : undefined, error: state.error };
}
