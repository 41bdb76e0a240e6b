/**
 * Calls from an app or a browser. Their customer is no number but a participant, whose token leads to a meeting. What is told of the
 * meeting is made up: there is no audio here, so nothing listens at its addresses, and its customer is driven by hand.
 */
import type { ConnectionData } from "@aws-sdk/client-connect";
import type { Reader } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { type Contact, contactKey, contacts, customerLegOf } from "./contacts.ts";
import { instances } from "./instances.ts";
import type { Bearer } from "./participant-tokens.ts";

/** Whom a participant token of the call is of: there is no chat, so the contact that it began as stands in its place. */
export function callerOf(call: Contact): Bearer {
  return { ...refOf(call), chatId: call.id, participantId: derivedUuid(call.id, "customer") };
}

/** The call that a token is of, as it began; `undefined` for one of a chat, and once its customer is on no line any more. */
export async function findWebCall(reader: Reader, bearer: Bearer): Promise<Contact | undefined> {
  const call = await reader.get(contacts, contactKey({ ...refOf(bearer), id: bearer.chatId }));
  if (call?.initiationMethod !== "WEBRTC_API" || bearer.participantId !== callerOf(call).participantId)
    return undefined;
  const leg = await customerLegOf(reader, call);
  return leg.state !== "DISCONNECTED" && (await reader.get(instances, instanceKey(bearer))) ? call : undefined;
}

/** The meeting of a call, always the same one. */
export function meetingOf({ endpoint }: Platform, call: Contact): ConnectionData {
  const id = derivedUuid(call.id, "meeting");
  const url = (what: string) => new URL(`/_trunkline/no-media/${id}/${what}`, endpoint).href;
  return {
    Attendee: { AttendeeId: derivedUuid(call.id, "attendee"), JoinToken: derivedUuid(call.id, "join") },
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
