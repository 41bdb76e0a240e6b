import type { Reader } from "../../store/store.ts";
import { domainKey, domains, type Owner } from "./domain.ts";
import { findProfile } from "./stored-profile.ts";

/** What the ARN of a profile names. */
export interface ProfileRef extends Owner {
  readonly domainName: string;
  readonly profileId: string;
}

const PROFILE_ARN = /^arn:aws[a-z-]*:profile:([a-z0-9-]+):(\d{12}):domains\/([^/]+)\/profiles\/([^/]+)$/;

export function profileArn({ account, region, domainName, profileId }: ProfileRef): string {
  return `arn:aws:profile:${region}:${account}:domains/${domainName}/profiles/${profileId}`;
}

/** `undefined`: it is not the ARN of a profile. */
export function parseProfileArn(arn: string): ProfileRef | undefined {
  const [, region = "", account = "", domainName = "", profileId = ""] = PROFILE_ARN.exec(arn) ?? [];
  return profileId === "" ? undefined : { account, region, domainName, profileId };
}

/** Whether somebody's profile is there. `elsewhere`: its domain is none of theirs here, and nothing can be said. */
export async function findProfileByArn(
  reader: Reader,
  owner: Owner,
  arn: string,
  nowMs: number,
): Promise<"there" | "missing" | "elsewhere"> {
  const ref = parseProfileArn(arn);
  if (ref?.account !== owner.account || ref.region !== owner.region) return "elsewhere";
  const domain = await reader.get(domains, domainKey(owner, ref.domainName));
  if (!domain) return "elsewhere";
  return (await findProfile(reader, domain, ref.profileId, nowMs)) ? "there" : "missing";
}
