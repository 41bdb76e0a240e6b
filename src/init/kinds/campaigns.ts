import type { Kind } from "../kind.ts";

export const campaignKinds: readonly Kind[] = [
  {
    section: "Campaigns",
    model: "connectcampaignsv2",
    name: "name",
    attributes: { Id: ["id"], Arn: ["arn"] },
    list: { operation: "ListCampaigns", items: "campaignSummaryList", name: "name" },
    read: { operation: "DescribeCampaign", at: ["campaign"], input: { id: "Id" } },
    create: { operation: "CreateCampaign" },
    refs: {
      connectInstanceId: "Instances",
      connectQueueId: "Queues",
      connectContactFlowId: "ContactFlows",
    },
  },
];
