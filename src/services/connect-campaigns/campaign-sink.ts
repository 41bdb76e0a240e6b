import type { Sink, SinkFailure, SinkRequest } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type Campaign, findCampaignByArn } from "./campaign.ts";
import { type NewRequest, requireOpen, takeRequest } from "./outbound-requests.ts";

/**
 * Takes what event triggers ask of a campaign: one entry of `profileOutboundRequests` each, as JSON, from the domain that is the
 * campaign's source.
 */
export function createCampaignSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const campaign = await findCampaignByArn(unit, arn);
      const outcomes: (SinkFailure | undefined)[] = [];
      for (const request of requests) outcomes.push(await appendOne(unit, platform, campaign, request));
      return outcomes;
    },
  };
}

async function appendOne(
  unit: Unit,
  platform: Platform,
  campaign: Campaign | undefined,
  { account, sourceArn, body }: SinkRequest,
): Promise<SinkFailure | undefined> {
  if (campaign?.account !== account) return refused("NO_RESOURCE", "The campaign does not exist.");
  if (campaign.domainArn === undefined || !sourceArn.startsWith(`${campaign.domainArn}/`)) {
    return refused("NO_PERMISSIONS", "The campaign's source is not the event triggers of this domain.");
  }
  const { expirationTime, ...request } = JSON.parse(body) as NewRequest & { readonly expirationTime?: string };
  try {
    requireOpen(campaign, platform.clock.now());
  } catch (error) {
    if (error instanceof ModeledError) return refused("INVALID_CAMPAIGN_STATE", `${error.message}.`);
    throw error;
  }
  const code = await takeRequest(unit, platform, campaign, {
    clientToken: request.clientToken,
    profileId: request.profileId,
    expirationMs: expirationTime === undefined ? undefined : Date.parse(expirationTime),
    eventTriggerContext: request.eventTriggerContext,
  });
  return code && refused("INVALID_PARAMETER", `The campaign refused the request: ${code}.`);
}

function refused(code: string, message: string): SinkFailure {
  return { code, message, retryable: false };
}
