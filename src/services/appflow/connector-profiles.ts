import type { Platform } from "../service.ts";
import { SourceError } from "./connector.ts";
import type { ConnectorProfile } from "./connector-profile.ts";

/** The profile that a flow names. Throws `SourceError` where its account has none of that name. */
export function findConnectorProfile(
  { connectorProfiles = [] }: Pick<Platform, "connectorProfiles">,
  { account, profileName }: { readonly account: string; readonly profileName: string },
): ConnectorProfile {
  const found = connectorProfiles.find((profile) => profile.account === account && profile.name === profileName);
  if (found) return found;
  throw new SourceError("AUTH", `Account ${account} has no connector profile ${profileName}`);
}
