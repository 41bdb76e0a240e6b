import type { Platform } from "../service.ts";
import { SourceError } from "./connector.ts";
import type { ConnectorProfile } from "./connector-profile.ts";
import type { ConnectorType } from "./flow-plan.ts";

/** The profile that a flow names. Throws `SourceError` where its account has none of that name, or one for another kind of source. */
export function findConnectorProfile<Connector extends ConnectorType>(
  { connectorProfiles = [] }: Pick<Platform, "connectorProfiles">,
  {
    account,
    profileName,
    connector,
  }: { readonly account: string; readonly profileName: string; readonly connector: Connector },
): Extract<ConnectorProfile, { connector: Connector }> {
  const found = connectorProfiles.find((profile) => profile.account === account && profile.name === profileName);
  if (!found) throw new SourceError("AUTH", `Account ${account} has no connector profile ${profileName}`);
  if (isProfileOf(found, connector)) return found;
  throw new SourceError(
    "AUTH",
    `The connector profile ${profileName} is one of ${found.connector}, not of ${connector}`,
  );
}

export function isProfileOf<Connector extends ConnectorType>(
  profile: ConnectorProfile,
  connector: Connector,
): profile is Extract<ConnectorProfile, { connector: Connector }> {
  return profile.connector === connector;
}
