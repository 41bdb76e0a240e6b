import type { Reader, Store } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Owner } from "./domain.ts";

/** What Customer Profiles asks Connect, which stands before it: it puts its answer here when it starts. */
export interface InstanceDirectory {
  hasInstance?: (reader: Reader, instance: Owner & { readonly instanceId: string }) => Promise<boolean>;
}

export const instanceDirectory: (store: Store) => InstanceDirectory = perStore(() => ({}));
