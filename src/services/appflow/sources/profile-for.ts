import { SourceError, type SourceRequest } from "../connector.ts";
import type { ConnectorProfile } from "../connector-profile.ts";
import { isProfileOf } from "../connector-profiles.ts";

/** The profile of a read, which has to be one for the connector. Throws `SourceError`. */
export function profileFor<Connector extends ConnectorProfile["connector"]>(
  { profile }: Pick<SourceRequest, "profile">,
  connector: Connector,
): Extract<ConnectorProfile, { connector: Connector }> {
  if (profile && isProfileOf(profile, connector)) return profile;
  throw new SourceError("AUTH", `The flow names no connector profile; ${connector} cannot be read without`);
}
