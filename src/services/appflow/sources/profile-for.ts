import { SourceError, type SourceRequest } from "../connector.ts";
import type { ConnectorProfile } from "../connector-profile.ts";

/** The profile of a read, which has to be one for the connector. Throws `SourceError`. */
export function profileFor<Connector extends ConnectorProfile["connector"]>(
  { profile }: Pick<SourceRequest, "profile">,
  connector: Connector,
): Extract<ConnectorProfile, { connector: Connector }> {
  if (profile && isOf(profile, connector)) return profile;
  throw new SourceError("AUTH", `The flow names no connector profile; ${connector} cannot be read without`);
}

function isOf<Connector extends ConnectorProfile["connector"]>(
  profile: ConnectorProfile,
  connector: Connector,
): profile is Extract<ConnectorProfile, { connector: Connector }> {
  return profile.connector === connector;
}
