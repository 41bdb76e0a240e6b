import type { Reader, Store } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Owner } from "./campaign.ts";

/** What campaigns ask Customer Profiles, which stands before them: it puts its answers here when it starts. */
export interface ProfileDirectory {
  hasDomain?: (reader: Reader, owner: Owner, domainArn: string) => Promise<boolean>;
  hasProfile?: (reader: Reader, owner: Owner, domainArn: string, profileId: string) => Promise<boolean>;
}

export const profileDirectory: (store: Store) => ProfileDirectory = perStore(() => ({}));
