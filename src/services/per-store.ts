import type { Store } from "../store/store.ts";

/** What a process remembers beside a store: caches, rates, live subscriptions. Gone with the store. */
export function perStore<T>(create: () => T): (store: Store) => T {
  const remembered = new WeakMap<Store, T>();
  return (store) => {
    let state = remembered.get(store);
    if (state === undefined) {
      state = create();
      remembered.set(store, state);
    }
    return state;
  };
}
