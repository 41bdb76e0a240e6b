import type {
  BatchPutContactRequest,
  BatchPutContactResponse,
  ContactDataRequest,
  FailedRequest,
  FailureReasonCode,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { areGoodNames, isTooLong, putAttributes } from "./contact-attributes.ts";
import { awaitCarrier, callTo } from "./contact-calls.ts";
import { initiateContact, type NewContact } from "./contact-transitions.ts";
import { contactKey, contacts } from "./contacts.ts";
import { getInstance, type Instance } from "./instances.ts";
import { findEnabledQueue } from "./queues.ts";
import { quotaReached } from "./quotas.ts";

/**
 * Dials a batch of a campaign's customers, with answering machine detection: who answers in person waits in the queue. Requests succeed or
 * fail one by one; one that succeeded is not dialled again when the batch comes again with its client token.
 */
export async function batchPutContact(
  input: Validated<BatchPutContactRequest>,
  context: Context,
): Promise<BatchPutContactResponse> {
  const nowMs = context.clock.now();
  const batchId = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    refuseWithoutCampaigns(instance);
    const request = { scope: instance, operation: "BatchPutContact", input };
    const earlier = await claimClientToken(unit, request, { id: batchId, nowMs });
    if (earlier && !earlier.sameRequest) {
      throw new ModeledError("IdempotencyException", "ClientToken came with another request");
    }
    const successful: { RequestIdentifier: string | undefined; ContactId: string }[] = [];
    const failed: FailedRequest[] = [];
    for (const [place, wanted] of input.ContactDataRequestList.entries()) {
      const id = derivedUuid(instance.instanceId, earlier?.madeId ?? batchId, String(place));
      const failure = await dial(unit, context, instance, wanted, { id, nowMs });
      const { RequestIdentifier } = wanted;
      if (failure === undefined) successful.push({ RequestIdentifier, ContactId: id });
      else failed.push({ RequestIdentifier, ...failure });
    }
    return { SuccessfulRequestList: successful, FailedRequestList: failed };
  });
}

function refuseWithoutCampaigns({ attributes }: Instance): void {
  if (attributes.OUTBOUND_CALLS === "true" && attributes.HIGH_VOLUME_OUTBOUND === "true") return;
  throw new ModeledError("AccessDeniedException", "The instance needs OUTBOUND_CALLS and HIGH_VOLUME_OUTBOUND");
}

type Failure = Pick<FailedRequest, "FailureReasonCode" | "FailureReasonMessage">;

/** Dials one customer, or tells what is wrong with the request. */
async function dial(
  unit: Unit,
  context: Context,
  instance: Instance,
  wanted: Validated<ContactDataRequest>,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<Failure | undefined> {
  if (await unit.get(contacts, contactKey({ ...refOf(instance), id }))) return undefined;
  const problem = problemOf(wanted);
  if (problem) return problem;
  const queue = wanted.QueueId === undefined ? undefined : await findEnabledQueue(unit, instance, wanted.QueueId);
  if (wanted.QueueId !== undefined && !queue) {
    return failure("INVALID_QUEUE", `Queue ${wanted.QueueId} does not exist, or is disabled`);
  }
  const calls = { collection: contacts, index: "open", prefix: instanceKey(instance, "VOICE", "") };
  if (await quotaReached(unit, context.limits, "connect.concurrent-calls-per-instance", calls)) {
    return failure("REQUEST_THROTTLED", "The quota of concurrent calls per instance is used up");
  }
  const address = wanted.CustomerEndpoint?.Address ?? "";
  const contact: NewContact = {
    ...refOf(instance),
    id,
    channel: "VOICE",
    initiationMethod: "API",
    associationId: id,
    segmentAttributes: { "connect:Subtype": { ValueString: "connect:Telephony" } },
    tags: {},
    customerEndpoint: { type: "TELEPHONE_NUMBER", address },
    systemEndpoint: wanted.SystemEndpoint && {
      type: wanted.SystemEndpoint.Type,
      address: wanted.SystemEndpoint.Address,
    },
    targetQueueId: queue?.id,
    call: callTo(address, nowMs, { isCampaign: true, detectsMachines: true }),
    campaignId: wanted.Campaign?.CampaignId,
    initiationMs: nowMs,
  };
  if (wanted.Attributes) await putAttributes(unit, contact, wanted.Attributes);
  awaitCarrier(unit, context, await initiateContact(unit, context, contact));
  return undefined;
}

/** What can be said of a request without looking anything up. */
function problemOf(wanted: Validated<ContactDataRequest>): Failure | undefined {
  const { Attributes = {}, Campaign, CustomerEndpoint, OutboundStrategy, QueueId, SystemEndpoint } = wanted;
  if (Campaign?.CampaignId === undefined) return failure("MISSING_CAMPAIGN", "Campaign is missing");
  if (!CustomerEndpoint) return failure("MISSING_CUSTOMER_ENDPOINT", "CustomerEndpoint is missing");
  if (!isNumber(CustomerEndpoint)) return failure("INVALID_CUSTOMER_ENDPOINT", "It is no telephone number in E.164");
  if (QueueId === undefined && !SystemEndpoint) {
    return failure("MISSING_QUEUE_ID_AND_SYSTEM_ENDPOINT", "Either QueueId or SystemEndpoint must be specified");
  }
  if (SystemEndpoint && !isNumber(SystemEndpoint)) {
    return failure("INVALID_SYSTEM_ENDPOINT", "It is no telephone number in E.164");
  }
  if (OutboundStrategy)
    return failure("INVALID_OUTBOUND_STRATEGY", "Previews are not built in this version of Trunkline");
  if (!areGoodNames(Attributes)) {
    return failure("INVALID_ATTRIBUTE_KEY", "Keys may hold letters, digits, dashes and underscores only");
  }
  if (isTooLong(Attributes)) return failure("INVALID_ATTRIBUTE_KEY", "Attributes exceed 32,768 bytes");
  return undefined;
}

function isNumber({ Type, Address = "" }: NonNullable<ContactDataRequest["CustomerEndpoint"]>): boolean {
  return Type === "TELEPHONE_NUMBER" && /^\+[1-9]\d{1,14}$/.test(Address);
}

function failure(FailureReasonCode: FailureReasonCode, FailureReasonMessage: string): Failure {
  return { FailureReasonCode, FailureReasonMessage };
}
