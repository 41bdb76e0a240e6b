import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { moveAgentContact } from "./agent-transitions.ts";
import type { AnsweredCourse, Failure } from "./carrier.ts";
import { courseOf, placeCall } from "./contact-calls.ts";
import { contactTimer } from "./contact-timers.ts";
import { connectToSystem, disconnectContact, storeContact, takeLine } from "./contact-transitions.ts";
import { type Contact, customerLegOf } from "./contacts.ts";
import { enqueueTransferred, startContactFlow } from "./flow-run/start-flows.ts";
import { playWhispers } from "./flow-run/whispers.ts";
import { enqueueContact, failOffer, onWhisperOver, routeContact } from "./routing.ts";

/**
 * The life of a call that the system dials: dialled, it is answered or fails; answered, its flow or the agent who dialled has it
 * until the other end hangs up. One timer at a time stands for what the carrier does next.
 */

/** What the carrier does when its timer fires: it answers or fails a call that was dialled, and hangs up one that was answered. */
export async function onCarrier(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  if (contact.connectedToSystemMs !== undefined) {
    const isOutside = contact.initiationMethod === "EXTERNAL_OUTBOUND";
    const leg = await customerLegOf(unit, contact);
    await disconnectContact(unit, platform, leg, isOutside ? "THIRD_PARTY_DISCONNECT" : "CUSTOMER_DISCONNECT");
    return;
  }
  const course = courseOf(contact);
  if (course.outcome === "answered") await answer(unit, platform, contact, course);
  else if (contact.callback && contact.callback.attemptsLeft > 0) await retryLater(unit, platform, contact);
  else {
    const detection = contact.call?.detectsMachines ? course.detection : undefined;
    const failed: Contact = { ...contact, answeringMachineDetectionStatus: detection };
    await disconnectContact(unit, platform, failed, failureReason(contact, course.failure));
  }
}

/** A callback's delay is over: its customer is dialled, or it enters its queue, or may be offered again. */
export async function onCallbackDue(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  if (!contact.callback || contact.state === "DISCONNECTED") return;
  const due: Contact = { ...contact, callback: { ...contact.callback, waitsUntilMs: undefined } };
  if (due.callback?.isCustomerFirst) await placeCall(unit, platform, due);
  else if (due.queue) await routeContact(unit, platform, await storeContact(unit, platform, due, []));
  else if (due.targetQueueId !== undefined) await enqueueContact(unit, platform, due, due.targetQueueId);
}

async function answer(unit: Unit, platform: Platform, contact: Contact, course: AnsweredCourse): Promise<void> {
  const detection = contact.call?.detectsMachines
    ? { answeringMachineDetectionStatus: course.detection, greeting: greetingOf(platform, course) }
    : {};
  const lineEndsMs = platform.clock.now() + (course.hangUpMs - course.answerMs);
  const connected = await connectToSystem(unit, platform, { ...contact, lineEndsMs }, detection);
  takeLine(unit, platform, connected);
  if (connected.offer) await joinCalled(unit, platform, connected);
  else if (connected.initiationMethod === "EXTERNAL_OUTBOUND") await tellAnswered(unit, platform, connected);
  else if (connected.dialledBy !== undefined) await joinCalled(unit, platform, connected);
  else await goOn(unit, platform, connected);
}

/** Whoever was called hears their whisper, and is joined with the agent then. */
async function joinCalled(unit: Unit, platform: Platform, called: Contact): Promise<void> {
  const { contact, isOver } = await playWhispers(unit, platform, called, ["OUTBOUND_WHISPER"]);
  if (isOver) await onWhisperOver(unit, platform, contact, "OUTBOUND_WHISPER");
}

/**
 * Who has answered goes through the call's flow, which may ask whether it is a machine (`CheckOutboundCallStatus`). Without one they
 * wait in the queue that the call was made for; a machine that was detected is left to itself until it hangs up.
 */
async function goOn(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const { flowId, targetQueueId } = contact;
  if (flowId === undefined && isMachine(contact)) return;
  if (flowId === undefined && targetQueueId !== undefined)
    await enqueueTransferred(unit, platform, contact, targetQueueId);
  else await startContactFlow(unit, platform, contact);
}

/** Somebody outside has no agent: who dialled them talks with them beside the customer. */
async function tellAnswered(unit: Unit, platform: Platform, leg: Contact): Promise<void> {
  if (leg.dialledBy !== undefined) await moveAgentContact(unit, platform, leg.dialledBy, leg, "CONNECTED");
}

/** The customer was not reached. They are called again after a while; an agent who has dialled is told, and another one does. */
async function retryLater(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const { callback, offer } = contact;
  if (!callback || !(offer || callback.isCustomerFirst)) return;
  const waitsUntilMs = platform.clock.now() + callback.retryDelayMs;
  const waiting: Contact = {
    ...contact,
    call: undefined,
    callback: {
      ...callback,
      attemptsLeft: callback.attemptsLeft - 1,
      retries: (callback.retries ?? 0) + 1,
      waitsUntilMs,
    },
  };
  if (offer) await failOffer(unit, platform, waiting, "ERROR");
  else await storeContact(unit, platform, waiting, []);
  platform.flow.schedule(unit, contactTimer("connect.callback", waiting, waitsUntilMs));
}

/** When the greeting is spoken, counted from the answer as it happens now. */
function greetingOf(platform: Platform, { greeting, answerMs }: AnsweredCourse): Contact["greeting"] {
  const shiftMs = platform.clock.now() - answerMs;
  return greeting && { startMs: greeting.startMs + shiftMs, endMs: greeting.endMs + shiftMs };
}

function isMachine({ answeringMachineDetectionStatus: status }: Contact): boolean {
  return status === "VOICEMAIL_BEEP" || status === "VOICEMAIL_NO_BEEP" || status === "FAX_MACHINE_DETECTED";
}

/** Campaign calls have reasons of their own (contact event, `disconnectReason`); which failure gets which is our choice. */
function failureReason(contact: Contact, failure: Failure): string {
  if (!contact.call?.isCampaign) return failure;
  return failure === "TELECOM_NUMBER_INVALID" || failure === "TELECOM_POTENTIAL_BLOCKING"
    ? "OUTBOUND_DESTINATION_ENDPOINT_ERROR"
    : "OUTBOUND_ATTEMPT_FAILED";
}
