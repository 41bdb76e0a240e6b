import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope } from "../map-part.ts";
import { campaignArn, campaigns } from "./campaign.ts";

/** Outbound campaigns: event triggers ask them to call. */
export async function* mapOfCampaigns(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const campaign of documentsOf(reader, campaigns, { prefix: compositeKey(account, region, "") })) {
    yield { part: "node", id: campaignArn(campaign), kind: "campaign", name: campaign.name };
  }
}
