/**
 * Calls from an app or a browser. Their customer is no number but a participant, whose token leads to a meeting. What is told of the
 * meeting is made up: there is no audio here, so nothing listens at its addresses, and its customer is driven by hand.
 */
import type { ConnectionData } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader, Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { type ChatRef, findParticipant, presentIn, putParticipant } from "./chats.ts";
import { type Contact, contactKey, contacts, customerLegOf, retainedUntilMs } from "./contacts.ts";
import { instances } from "./instances.ts";
import type { Bearer } from "./participant-tokens.ts";

/** "Up to six participants", the agent included. */
const PARTICIPANTS_MAX = 6;

/** There is no chat that participants are in: the contact that the call began as stands in its place. */
export function callRef(call: Contact): ChatRef {
  return { ...refOf(call), chatId: call.id };
}

/** The web call that a contact is or continues, as it began, while its customers are on the line. */
export async function webCallOf(reader: Reader, contact: Contact): Promise<Contact | undefined> {
  const call = await reader.get(
    contacts,
    contactKey({ ...refOf(contact), id: contact.initialContactId ?? contact.id }),
  );
  return call && (await goesOn(reader, call)) ? call : undefined;
}

/** Lets a customer take part in a call: the one who calls, or somebody beside them. */
export async function addCaller(
  unit: Unit,
  call: Contact,
  { id, displayName }: { readonly id: string; readonly displayName: string },
): Promise<void> {
  const others = await presentIn(unit, callRef(call));
  if (others.length + 1 >= PARTICIPANTS_MAX) {
    throw new ModeledError("ServiceQuotaExceededException", `A call has at most ${PARTICIPANTS_MAX} participants`);
  }
  const expiresMs = retainedUntilMs(call.initiationMs);
  // How many there are decides, so it is guarded by the contact.
  unit.put(contacts, contactKey(call), call);
  putParticipant(unit, { ...callRef(call), id, role: "CUSTOMER", displayName, expiresMs });
}

/** The call that a token is of, as it began; `undefined` for one of a chat, and once its customers are on no line any more. */
export async function findWebCall(reader: Reader, bearer: Bearer): Promise<Contact | undefined> {
  const call = await reader.get(contacts, contactKey({ ...refOf(bearer), id: bearer.chatId }));
  if (!call || !(await goesOn(reader, call))) return undefined;
  const isThere = await findParticipant(reader, bearer, bearer.participantId);
  return isThere && (await reader.get(instances, instanceKey(bearer))) ? call : undefined;
}

async function goesOn(reader: Reader, call: Contact): Promise<boolean> {
  return call.initiationMethod === "WEBRTC_API" && (await customerLegOf(reader, call)).state !== "DISCONNECTED";
}

/** The meeting of a call, and what one of its customers joins it with: always the same. */
export function meetingOf({ endpoint }: Platform, call: Contact, participantId: string): ConnectionData {
  const id = derivedUuid(call.id, "meeting");
  const url = (what: string) => new URL(`/_trunkline/no-media/${id}/${what}`, endpoint).href;
  return {
    Attendee: { AttendeeId: derivedUuid(participantId, "attendee"), JoinToken: derivedUuid(participantId, "join") },
    Meeting: {
      MediaRegion: call.region,
      MediaPlacement: {
        AudioHostUrl: url("audio"),
        AudioFallbackUrl: url("audio-fallback"),
        SignalingUrl: url("signaling"),
        TurnControlUrl: url("turn"),
        EventIngestionUrl: url("events"),
      },
      MeetingFeatures: { Audio: { EchoReduction: "UNAVAILABLE" } },
      MeetingId: id,
    },
  };
}
