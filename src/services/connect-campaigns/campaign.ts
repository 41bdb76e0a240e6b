import type { CreateCampaignRequest } from "@aws-sdk/client-connectcampaignsv2";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";

/** Whose campaigns are. */
export interface Owner {
  readonly account: string;
  readonly region: string;
}

/** The settings that are kept as they were given, and told again. */
type CampaignSettings = Pick<
  Validated<CreateCampaignRequest>,
  | "channelSubtypeConfig"
  | "type"
  | "connectCampaignFlowArn"
  | "entryLimitsConfig"
  | "communicationTimeConfig"
  | "communicationLimitsOverride"
>;

export interface Campaign extends Owner {
  readonly id: string;
  readonly name: string;
  readonly instanceId: string;
  readonly settings: CampaignSettings;
  /** ARN of the Customer Profiles domain whose event triggers may ask it for something. */
  readonly domainArn?: string | undefined;
  readonly schedule?: {
    readonly startMs: number;
    readonly endMs: number;
    readonly refreshFrequency?: string | undefined;
  };
  readonly createdMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const campaigns: Collection<Campaign> = collection("campaigns_campaigns", {
  name: {
    type: "text",
    unique: true,
    value: ({ account, region, instanceId, name }) => compositeKey(account, region, instanceId, name),
  },
  instance: {
    type: "text",
    value: ({ account, region, instanceId, id }) => compositeKey(account, region, instanceId, id),
  },
});

export function campaignKey({ account, region }: Owner, id: string): string {
  return compositeKey(account, region, id);
}

export function campaignArn({ account, region, id }: Owner & Pick<Campaign, "id">): string {
  return `arn:aws:connect-campaigns:${region}:${account}:campaign/${id}`;
}

const CAMPAIGN_ARN = /^arn:aws[^:]*:connect-campaigns:([^:]+):(\d{12}):campaign\/([^/]+)$/;

export async function findCampaignByArn(reader: Reader, arn: string): Promise<Campaign | undefined> {
  const [, region = "", account = "", id] = CAMPAIGN_ARN.exec(arn) ?? [];
  return id === undefined ? undefined : reader.get(campaigns, campaignKey({ account, region }, id));
}

/** A caller's campaign, or `ResourceNotFoundException`. */
export async function getCampaign(reader: Reader, owner: Owner, id: string): Promise<Campaign> {
  const campaign = await reader.get(campaigns, campaignKey(owner, id));
  if (!campaign) throw new ModeledError("ResourceNotFoundException", `Campaign ${id} does not exist`);
  return campaign;
}
