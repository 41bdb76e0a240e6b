import { getCampaign, listRequests, type OutboundRequest } from "../services/connect-campaigns/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { answering } from "./connect-answer.ts";

const LISTED_MAX = 1_000;

/** `GET /_trunkline/campaigns/ID/requests`: what an outbound campaign was asked for within the last 7 days, the youngest first, 1,000 at most. */
export async function campaignEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  const [id, what, ...others] = path;
  if (method !== "GET" || id === undefined || what !== "requests" || others.length > 0) return undefined;
  return answering(() =>
    context.store.durably(async () => {
      const campaign = await getCampaign(context.store, context, id);
      const requests = await listRequests(context.store, campaign, LISTED_MAX);
      return { requests: requests.map(shown) };
    }),
  );
}

function shown({ id, clientToken, profileId, expirationMs, eventTriggerContext, receivedMs }: OutboundRequest): object {
  return {
    id,
    clientToken,
    profileId,
    expirationTime: expirationMs === undefined ? undefined : new Date(expirationMs).toISOString(),
    eventTriggerContext,
    received: new Date(receivedMs).toISOString(),
  };
}
