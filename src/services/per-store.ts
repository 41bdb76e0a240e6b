import type { Store } from "../store/store.ts";

/** What a process remembers beside a store: caches, rates, live subscriptions. Gone with the store. */
export function perStore<T>(create: (store: Store) => T): (store: Store) => T {
  const remembered = new WeakMap<Store, T>();
  return (store) => {
    let state = remembered.get(store);
    if (state === undefined) {
      state = create(store);
      remembered.set(store, state);
    }
    return state;
  };
}
