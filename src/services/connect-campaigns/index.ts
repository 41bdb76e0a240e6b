/**
 * Outbound campaigns in the small: they can be created, and asked for something by event triggers of Customer Profiles. What they were asked
 * for can be seen; nobody is called.
 */

import type { Service } from "../service.ts";
import { createCampaignSink } from "./campaign-sink.ts";
import { createCampaign, deleteCampaign, describeCampaign, listCampaigns } from "./campaigns.ts";
import { mapOfCampaigns } from "./map.ts";
import { putProfileOutboundRequestBatch } from "./outbound-requests.ts";

export { findCampaignByArn, getCampaign } from "./campaign.ts";
export { listRequests, type OutboundRequest } from "./outbound-requests.ts";
export { profileDirectory } from "./profile-directory.ts";

export const connectCampaigns: Service = {
  map: mapOfCampaigns,
  operations: {
    connectcampaignsv2: {
      CreateCampaign: createCampaign,
      DescribeCampaign: describeCampaign,
      ListCampaigns: listCampaigns,
      DeleteCampaign: deleteCampaign,
      PutProfileOutboundRequestBatch: putProfileOutboundRequestBatch,
    },
  },
  async start(platform) {
    platform.flow.sink("connect-campaigns", "campaign/", createCampaignSink(platform));
  },
};
