import type {
  CampaignSummary,
  ChannelSubtype,
  CreateCampaignRequest,
  CreateCampaignResponse,
  DeleteCampaignRequest,
  DescribeCampaignRequest,
  DescribeCampaignResponse,
  ListCampaignsRequest,
  ListCampaignsResponse,
} from "@aws-sdk/client-connectcampaignsv2";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { UniqueIndexError } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type Campaign, campaignArn, campaignKey, campaigns, getCampaign } from "./campaign.ts";
import { profileDirectory } from "./profile-directory.ts";

const PAGE_SIZE = 50;

/**
 * Creates a campaign. It takes requests from then on, or within its schedule where it has one: nobody starts it, since nobody is
 * called.
 */
export async function createCampaign(
  input: Validated<CreateCampaignRequest>,
  context: Context,
): Promise<CreateCampaignResponse> {
  const campaign = campaignOf(input, context);
  const { domainArn } = campaign;
  try {
    await context.store.commit(async (unit) => {
      if (domainArn !== undefined && !(await profileDirectory(context.store).hasDomain?.(unit, context, domainArn))) {
        throw new ModeledError("ResourceNotFoundException", `Customer Profiles domain ${domainArn} does not exist`);
      }
      unit.put(campaigns, campaignKey(context, campaign.id), campaign);
    });
  } catch (error) {
    if (!(error instanceof UniqueIndexError)) throw error;
    throw new ModeledError(
      "ConflictException",
      `Instance ${campaign.instanceId} has a campaign ${campaign.name} already`,
    );
  }
  return { id: campaign.id, arn: campaignArn(campaign), tags: campaign.tags };
}

function campaignOf(input: Validated<CreateCampaignRequest>, context: Context): Campaign {
  const { source, schedule } = input;
  if (source?.customerProfilesSegmentArn !== undefined) {
    throw invalid("source.customerProfilesSegmentArn: campaigns over segments are not built; give source.eventTrigger");
  }
  if (source?.eventTrigger && source.eventTrigger.customerProfilesDomainArn === undefined) {
    throw invalid("source.eventTrigger.customerProfilesDomainArn: the ARN of a Customer Profiles domain is needed");
  }
  if (schedule && schedule.startTime >= schedule.endTime) {
    throw invalid("schedule: endTime must lie behind startTime");
  }
  return {
    account: context.account,
    region: context.region,
    id: context.ids.uuid(),
    name: input.name,
    instanceId: input.connectInstanceId,
    settings: {
      channelSubtypeConfig: input.channelSubtypeConfig,
      type: input.type,
      connectCampaignFlowArn: input.connectCampaignFlowArn,
      entryLimitsConfig: input.entryLimitsConfig,
      communicationTimeConfig: input.communicationTimeConfig,
      communicationLimitsOverride: input.communicationLimitsOverride,
    },
    domainArn: source?.eventTrigger?.customerProfilesDomainArn,
    ...(schedule && {
      schedule: {
        startMs: schedule.startTime.getTime(),
        endMs: schedule.endTime.getTime(),
        refreshFrequency: schedule.refreshFrequency,
      },
    }),
    createdMs: context.clock.now(),
    tags: input.tags ?? {},
  };
}

function invalid(message: string): ModeledError {
  return new ModeledError("ValidationException", message);
}

export async function describeCampaign(
  input: Validated<DescribeCampaignRequest>,
  context: Context,
): Promise<DescribeCampaignResponse> {
  const campaign = await getCampaign(context.store, context, input.id);
  const { domainArn, settings } = campaign;
  return {
    campaign: {
      ...common(campaign),
      ...(settings as DescribedSettings),
      source: domainArn === undefined ? undefined : { eventTrigger: { customerProfilesDomainArn: domainArn } },
      tags: campaign.tags,
    },
  };
}

/** Validation has read them by the same shapes. */
type DescribedSettings = Pick<NonNullable<DescribeCampaignResponse["campaign"]>, keyof Campaign["settings"]>;

/** In no order that means anything: by their ids. */
export async function listCampaigns(
  input: Validated<ListCampaignsRequest>,
  context: Context,
): Promise<ListCampaignsResponse> {
  const { account, region } = context;
  const instanceId = input.filters?.instanceIdFilter?.value;
  const listing =
    instanceId === undefined
      ? { collection: campaigns, under: [account, region] }
      : { collection: campaigns, index: "instance", under: [account, region, instanceId] };
  const page = await listPage(
    context.store,
    { ...listing, nameOf: ({ id }) => id },
    {
      of: ["ListCampaigns", account, region, instanceId],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: () => invalid("nextToken: it was not handed out for this request"),
    },
  );
  return { campaignSummaryList: page.items.map(summary), nextToken: page.nextToken };
}

/** What the campaign was asked for is forgotten in its time. */
export async function deleteCampaign(
  input: Validated<DeleteCampaignRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    await getCampaign(unit, context, input.id);
    unit.delete(campaigns, campaignKey(context, input.id));
  });
  return {};
}

const SUBTYPES: Readonly<Record<string, ChannelSubtype>> = {
  telephony: "TELEPHONY",
  sms: "SMS",
  email: "EMAIL",
  whatsApp: "WHATSAPP",
};

function summary(campaign: Campaign): CampaignSummary {
  const { type, entryLimitsConfig, connectCampaignFlowArn, channelSubtypeConfig = {} } = campaign.settings;
  return {
    ...common(campaign),
    type,
    entryLimitsConfig,
    connectCampaignFlowArn,
    channelSubtypes: Object.entries(SUBTYPES).flatMap(([member, subtype]) =>
      Object.hasOwn(channelSubtypeConfig, member) ? [subtype] : [],
    ),
  };
}

/** The SDK's types are older than the time of the last change. */
type Common = Omit<CampaignSummary, "channelSubtypes"> & { readonly lastModifiedTime: Date };

function common(campaign: Campaign): Common {
  const { schedule } = campaign;
  return {
    id: campaign.id,
    arn: campaignArn(campaign),
    name: campaign.name,
    connectInstanceId: campaign.instanceId,
    schedule: schedule && {
      startTime: new Date(schedule.startMs),
      endTime: new Date(schedule.endMs),
      refreshFrequency: schedule.refreshFrequency,
    },
    lastModifiedTime: new Date(campaign.createdMs),
  };
}
