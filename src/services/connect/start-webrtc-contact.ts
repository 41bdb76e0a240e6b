import type { StartWebRTCContactRequest, StartWebRTCContactResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { sweepChats } from "./chat-retention.ts";
import { claimClientToken } from "./client-tokens.ts";
import { addAttributes } from "./contact-attributes.ts";
import { chooseFlow } from "./contact-flows.ts";
import { linkContact } from "./contact-links.ts";
import { mergeReferences } from "./contact-references.ts";
import { initiateContact, type NewContact } from "./contact-transitions.ts";
import { type Contact, contacts, getContact } from "./contacts.ts";
import { startContactFlow } from "./flow-run/start-flows.ts";
import { getInstance } from "./instances.ts";
import { sealBearer } from "./participant-tokens.ts";
import { requireAgreedValues } from "./predefined-attributes.ts";
import { quotaReached } from "./quotas.ts";
import { mergeSegmentAttributes } from "./segment-attributes.ts";
import { addCaller, callRef, meetingOf } from "./web-calls.ts";

/** A customer calls from an app or a browser. Their line is there from the start, as that of every inbound call; the flow runs at once. */
export async function startWebRtcContact(
  input: Validated<StartWebRTCContactRequest>,
  context: Context,
): Promise<StartWebRTCContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const { Customer, Agent } = input.AllowedCapabilities ?? {};
  const call = await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "StartWebRTCContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) return getContact(unit, instance, earlier.madeId, nowMs);

    const flow = await chooseFlow(unit, instance, input.ContactFlowId);
    const links = await linkContact(unit, instance, { RelatedContactId: input.RelatedContactId }, { id, nowMs });
    const calls = { collection: contacts, index: "open", prefix: instanceKey(instance, "VOICE", "") };
    if (await quotaReached(unit, context.limits, "connect.concurrent-calls-per-instance", calls)) {
      throw new ModeledError("LimitExceededException", "The quota of concurrent calls per instance is used up");
    }
    await requireAgreedValues(unit, instance, input.SegmentAttributes);
    const subtype = { "connect:Subtype": { ValueString: "connect:WebRTC" } };
    const contact: NewContact = {
      ...refOf(instance),
      id,
      channel: "VOICE",
      initiationMethod: "WEBRTC_API",
      ...links.ids,
      ...flow,
      description: input.Description,
      references: mergeReferences(undefined, input.References),
      segmentAttributes: mergeSegmentAttributes(subtype, input.SegmentAttributes),
      tags: {},
      capabilities: { ...(Customer && { customer: Customer }), ...(Agent && { agent: Agent }) },
      initiationMs: nowMs,
      connectedToSystemMs: nowMs,
    };
    await addAttributes(unit, contact, { ...links.copiedAttributes, ...input.Attributes });
    await sweepChats(unit, context, nowMs);
    const call = await initiateContact(unit, context, contact);
    await addCaller(unit, call, { id: callerIdOf(call), displayName: input.ParticipantDetails.DisplayName });
    return startContactFlow(unit, context, call);
  });
  const participantId = callerIdOf(call);
  return {
    ContactId: call.id,
    ParticipantId: participantId,
    ParticipantToken: await sealBearer(context, "participant", { ...callRef(call), participantId }),
    ConnectionData: meetingOf(context, call, participantId),
  };
}

/** Whoever makes the call. */
function callerIdOf({ id }: Contact): string {
  return derivedUuid(id, "customer");
}
