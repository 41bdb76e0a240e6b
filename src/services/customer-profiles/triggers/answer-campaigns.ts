import type { Reader } from "../../../store/store.ts";
import { profileDirectory } from "../../connect-campaigns/index.ts";
import type { Platform } from "../../service.ts";
import { type Domain, domainArn, domainKey, domains, type Owner } from "../domain.ts";
import { findProfile } from "../stored-profile.ts";

/** Tells campaigns, which stand behind, which domains and profiles there are. */
export function answerCampaigns({ store, clock }: Platform): void {
  const directory = profileDirectory(store);
  directory.hasDomain = async (reader, owner, arn) => (await findDomain(reader, owner, arn)) !== undefined;
  directory.hasProfile = async (reader, owner, arn, profileId) => {
    const domain = await findDomain(reader, owner, arn);
    return domain !== undefined && (await findProfile(reader, domain, profileId, clock.now())) !== undefined;
  };
}

/** Of this account and Region alone. */
async function findDomain(reader: Reader, owner: Owner, arn: string): Promise<Domain | undefined> {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  if (arn !== domainArn({ account: owner.account, region: owner.region, name })) return undefined;
  return reader.get(domains, domainKey(owner, name));
}
