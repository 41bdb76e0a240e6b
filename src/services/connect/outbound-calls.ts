import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type AnsweredCourse, type Course, dial, type Failure } from "./carrier.ts";
import { runContactFlow } from "./contact-flow-run.ts";
import { contactTimer } from "./contact-timers.ts";
import { connectToSystem, disconnectContact } from "./contact-transitions.ts";
import type { Contact } from "./contacts.ts";

/**
 * The life of a call that the system dials: dialled, it is answered or fails; answered, its flow runs until the other end hangs
 * up. One timer at a time stands for what the carrier does next.
 */

/** Dials. The contact has just been initiated. */
export function placeCall(unit: Unit, platform: Platform, contact: Contact): void {
  const course = courseOf(contact);
  const nextMs = course.outcome === "answered" ? course.answerMs : course.failMs;
  platform.flow.schedule(unit, contactTimer("connect.carrier", contact, contact.initiationMs + nextMs));
}

/** What the carrier does when its timer fires: it answers or fails a call that was dialled, and hangs up one that was answered. */
export async function onCarrier(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  if (contact.state !== "INITIATED") {
    await disconnectContact(unit, platform, contact, "CUSTOMER_DISCONNECT");
    return;
  }
  const course = courseOf(contact);
  if (course.outcome === "answered") await answer(unit, platform, contact, course);
  else {
    const detection = contact.call?.detectsMachines ? course.detection : undefined;
    const failed: Contact = { ...contact, answeringMachineDetectionStatus: detection };
    await disconnectContact(unit, platform, failed, failureReason(contact, course.failure));
  }
}

async function answer(unit: Unit, platform: Platform, contact: Contact, course: AnsweredCourse): Promise<void> {
  const detection = contact.call?.detectsMachines
    ? { answeringMachineDetectionStatus: course.detection, greeting: greetingOf(platform, course) }
    : {};
  const connected = await connectToSystem(unit, platform, contact, detection);

  const hangUpMs = platform.clock.now() + (course.hangUpMs - course.answerMs);
  platform.flow.schedule(unit, contactTimer("connect.carrier", connected, hangUpMs));
  if (!isMachine(connected)) await runContactFlow(unit, platform, connected);
}

/** When the greeting is spoken, counted from the answer as it happens now. */
function greetingOf(platform: Platform, { greeting, answerMs }: AnsweredCourse): Contact["greeting"] {
  const shiftMs = platform.clock.now() - answerMs;
  return greeting && { startMs: greeting.startMs + shiftMs, endMs: greeting.endMs + shiftMs };
}

/** A machine that was detected is left to itself until it hangs up: nobody is to wait in a queue on its behalf. */
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

function courseOf({ customerEndpoint, call }: Contact): Course {
  if (!customerEndpoint?.address || !call) throw new Error("A call without a number was dialled");
  return dial(customerEndpoint.address, call.ringTimeoutMs);
}
