/**
 * What a campaign was asked for. In the real service it would call or write to the customer; here the request is kept for 7 days and can be
 * seen (`GET /_trunkline/campaigns/ID/requests`). A client token asks once.
 */
import type {
  FailedProfileOutboundRequest,
  ProfileOutboundRequest,
  ProfileOutboundRequestFailureCode,
  PutProfileOutboundRequestBatchRequest,
  PutProfileOutboundRequestBatchResponse,
  SuccessfulProfileOutboundRequest,
} from "@aws-sdk/client-connectcampaignsv2";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Context, Platform } from "../service.ts";
import { type Campaign, getCampaign } from "./campaign.ts";
import { profileDirectory } from "./profile-directory.ts";

/** A request that a campaign has taken. */
export interface OutboundRequest {
  readonly campaignId: string;
  readonly id: string;
  readonly clientToken: string;
  readonly profileId: string;
  readonly expirationMs?: number | undefined;
  readonly eventTriggerContext?: ProfileOutboundRequest["eventTriggerContext"];
  readonly receivedMs: number;
  readonly expiresMs: number;
}

const requests: Collection<OutboundRequest> = collection("campaigns_requests", {
  received: {
    type: "text",
    value: ({ campaignId, receivedMs, clientToken }) => compositeKey(campaignId, receivedMs, clientToken),
  },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** How long a client token is known (our choice). */
const KEPT_MS = 7 * 24 * 60 * 60_000;
/** What is over and is deleted with each that comes. */
const SWEPT = 2;

/** Takes a batch: each request succeeds or fails by itself. */
export async function putProfileOutboundRequestBatch(
  input: Validated<PutProfileOutboundRequestBatchRequest>,
  context: Context,
): Promise<PutProfileOutboundRequestBatchResponse> {
  return context.store.commit(async (unit) => {
    const campaign = await getCampaign(unit, context, input.id);
    requireOpen(campaign, context.clock.now());
    const successfulRequests: SuccessfulProfileOutboundRequest[] = [];
    const failedRequests: FailedProfileOutboundRequest[] = [];
    for (const request of input.profileOutboundRequests) {
      const { clientToken } = request;
      const failureCode = (await isUnknownProfile(unit, context, campaign, request.profileId))
        ? "ResourceNotFound"
        : await takeRequest(unit, context, campaign, {
            clientToken,
            profileId: request.profileId,
            expirationMs: request.expirationTime?.getTime(),
            eventTriggerContext: request.eventTriggerContext,
          });
      const id = requestId(campaign, clientToken);
      if (failureCode === undefined) successfulRequests.push({ clientToken, id });
      else failedRequests.push({ clientToken, id, failureCode });
    }
    return { successfulRequests, failedRequests };
  });
}

async function isUnknownProfile(
  unit: Unit,
  { store }: Platform,
  campaign: Campaign,
  profileId: string,
): Promise<boolean> {
  const { domainArn } = campaign;
  if (domainArn === undefined) return true;
  return !(await profileDirectory(store).hasProfile?.(unit, campaign, domainArn, profileId));
}

/** Throws `InvalidCampaignStateException` for a campaign whose schedule has not begun or is over. */
export function requireOpen({ id, schedule }: Campaign, nowMs: number): void {
  if (!schedule || (schedule.startMs <= nowMs && nowMs < schedule.endMs)) return;
  const state = nowMs < schedule.startMs ? "Initialized" : "Completed";
  throw new ModeledError("InvalidCampaignStateException", `Campaign ${id} is ${state}, and takes no requests`, {
    state,
  });
}

export type NewRequest = Pick<OutboundRequest, "clientToken" | "profileId" | "expirationMs" | "eventTriggerContext">;

/** Keeps a request, or tells why it fails. The same one again changes nothing. */
export async function takeRequest(
  unit: Unit,
  { clock }: Pick<Platform, "clock">,
  campaign: Campaign,
  request: NewRequest,
): Promise<ProfileOutboundRequestFailureCode | undefined> {
  const nowMs = clock.now();
  const key = compositeKey(campaign.id, request.clientToken);
  const known = await unit.get(requests, key);
  if (known) return asked(known) === asked(request) ? undefined : "Conflict";
  if (request.clientToken === "" || (request.expirationMs ?? nowMs) < nowMs) return "InvalidInput";
  const expired = await unit.list(requests, { index: "expires", before: nowMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(requests, compositeKey(old.campaignId, old.clientToken));
  unit.put(requests, key, {
    ...request,
    campaignId: campaign.id,
    id: requestId(campaign, request.clientToken),
    receivedMs: nowMs,
    expiresMs: nowMs + KEPT_MS,
  });
  return undefined;
}

/** What a client token stands for. */
function asked({ profileId, expirationMs, eventTriggerContext }: NewRequest): string {
  return JSON.stringify([profileId, expirationMs, eventTriggerContext]);
}

function requestId({ id }: Campaign, clientToken: string): string {
  return derivedUuid(id, clientToken);
}

/** The youngest first. */
export async function listRequests(
  reader: Reader,
  { id }: Campaign,
  limit: number,
): Promise<readonly OutboundRequest[]> {
  const range = { index: "received", prefix: compositeKey(id, ""), descending: true };
  return (await reader.list(requests, { ...range, limit })).documents;
}
