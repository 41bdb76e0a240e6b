import type { Reader, Store } from "../../store/store.ts";
import { perStore } from "../per-store.ts";

interface DomainOwner {
  readonly account: string;
  readonly region: string;
}

/** What Connect asks Cases, which stands before it: it puts its answer here when it starts. */
export interface CasesDirectory {
  hasDomain?: (reader: Reader, owner: DomainOwner, domainId: string) => Promise<boolean>;
}

export const casesDirectory: (store: Store) => CasesDirectory = perStore(() => ({}));
