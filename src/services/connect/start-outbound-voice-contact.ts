import type { StartOutboundVoiceContactRequest, StartOutboundVoiceContactResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context, Limit } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { addAttributes } from "./contact-attributes.ts";
import { awaitCarrier, callTo } from "./contact-calls.ts";
import { chooseFlow } from "./contact-flows.ts";
import { linkContact } from "./contact-links.ts";
import { mergeReferences } from "./contact-references.ts";
import { initiateContact, type NewContact } from "./contact-transitions.ts";
import { contacts, type OutboundCall } from "./contacts.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { getInstance, type Instance } from "./instances.ts";
import { getEnabledQueue, outboundNumberOf } from "./queues.ts";
import { quotaReached } from "./quotas.ts";

/** Configured to 1 or more, UK mobile numbers may be dialled: the real service allows them after a quota request. */
export const UK_MOBILE_CALLS: Limit = {
  name: "connect.uk-mobile-calls",
  default: 0,
  meaning: "1: numbers that begin with +447 may be dialled",
  source: "https://docs.aws.amazon.com/connect/latest/APIReference/API_StartOutboundVoiceContact.html",
  always: true,
};

/**
 * Dials a number and, when it is answered, runs the flow. The caller gets the contact's id at once; what happens on the line is
 * told by contact events.
 */
export async function startOutboundVoiceContact(
  input: Validated<StartOutboundVoiceContactRequest>,
  context: Context,
): Promise<StartOutboundVoiceContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  checkRequest(input);

  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "StartOutboundVoiceContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) return { ContactId: earlier.madeId };

    refuseDestination(input, instance, context);
    const flow = await chooseFlow(unit, instance, input.ContactFlowId);
    const queue = input.QueueId === undefined ? undefined : await getEnabledQueue(unit, instance, input.QueueId);
    const shown = input.SourcePhoneNumber ?? (queue && (await outboundNumberOf(unit, queue)));
    const links = await linkContact(unit, instance, { RelatedContactId: input.RelatedContactId }, { id, nowMs });
    const calls = { collection: contacts, index: "open", prefix: instanceKey(instance, "VOICE", "") };
    if (await quotaReached(unit, context.limits, "connect.concurrent-calls-per-instance", calls)) {
      throw new ModeledError("LimitExceededException", "The quota of concurrent calls per instance is used up");
    }

    const call = callOf(input, nowMs);
    const contact: NewContact = {
      ...refOf(instance),
      id,
      channel: "VOICE",
      initiationMethod: "API",
      ...links.ids,
      ...flow,
      name: input.Name,
      description: input.Description,
      references: mergeReferences(undefined, input.References),
      segmentAttributes: { "connect:Subtype": { ValueString: "connect:Telephony" } },
      tags: {},
      customerEndpoint: { type: "TELEPHONE_NUMBER", address: input.DestinationPhoneNumber },
      systemEndpoint: shown === undefined ? undefined : { type: "TELEPHONE_NUMBER", address: shown },
      targetQueueId: queue?.id,
      call,
      campaignId: input.CampaignId,
      initiationMs: nowMs,
    };
    await addAttributes(unit, contact, { ...links.copiedAttributes, ...input.Attributes });
    awaitCarrier(unit, context, await initiateContact(unit, context, contact));
    return { ContactId: id };
  });
}

/** What can be said of a request without looking anything up. */
function checkRequest(input: Validated<StartOutboundVoiceContactRequest>): void {
  if (input.SourcePhoneNumber === undefined && input.QueueId === undefined) {
    throw invalidRequest("Either SourcePhoneNumber or QueueId must be specified");
  }
  requirePhoneNumber("DestinationPhoneNumber", input.DestinationPhoneNumber);
  if (input.SourcePhoneNumber !== undefined) requirePhoneNumber("SourcePhoneNumber", input.SourcePhoneNumber);
  if (input.AnswerMachineDetectionConfig?.EnableAnswerMachineDetection && input.TrafficType !== "CAMPAIGN") {
    throw invalidParameter("EnableAnswerMachineDetection requires TrafficType CAMPAIGN");
  }
  if (input.OutboundStrategy) throw invalidRequest("OutboundStrategy may be sent by outbound campaigns only");
}

/** E.164. The model's own pattern has its backslashes doubled and would match no number. */
function requirePhoneNumber(member: string, number: string): void {
  if (!/^\+[1-9]\d{1,14}$/.test(number)) throw invalidParameter(`${member} must be in E.164 format`);
}

function refuseDestination(
  input: Validated<StartOutboundVoiceContactRequest>,
  instance: Instance,
  context: Context,
): void {
  if (instance.attributes.OUTBOUND_CALLS !== "true") {
    throw new ModeledError("OutboundContactNotPermittedException", "Outbound calls are not enabled for this instance");
  }
  const ukMobileCalls = context.limits.value(UK_MOBILE_CALLS.name, UK_MOBILE_CALLS.default);
  if (input.DestinationPhoneNumber.startsWith("+447") && ukMobileCalls < 1) {
    throw new ModeledError("DestinationNotAllowedException", "UK numbers with a 447 prefix are not allowed by default");
  }
  if (input.TrafficType === "CAMPAIGN" && instance.attributes.HIGH_VOLUME_OUTBOUND !== "true") {
    throw new ModeledError("DestinationNotAllowedException", "Campaign calls need the attribute HIGH_VOLUME_OUTBOUND");
  }
}

function callOf(input: Validated<StartOutboundVoiceContactRequest>, nowMs: number): OutboundCall {
  return callTo(input.DestinationPhoneNumber, nowMs, {
    ...(input.RingTimeoutInSeconds !== undefined && { ringTimeoutMs: input.RingTimeoutInSeconds * 1_000 }),
    isCampaign: input.TrafficType === "CAMPAIGN",
    detectsMachines: input.AnswerMachineDetectionConfig?.EnableAnswerMachineDetection === true,
  });
}
