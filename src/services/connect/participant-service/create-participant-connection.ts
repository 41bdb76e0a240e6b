import type {
  CreateParticipantConnectionRequest,
  CreateParticipantConnectionResponse,
} from "@aws-sdk/client-connectparticipant";
import type { Validated } from "../../../models/validated.ts";
import type { Context, Platform } from "../../service.ts";
import { joinChat } from "../chat-participants.ts";
import { type Bearer, sealBearer } from "../participant-tokens.ts";
import { findWebCall, meetingOf } from "../web-calls.ts";
import { getSender, validation } from "./bearers.ts";

/** How long what a connection gives is good, on the machine's clock. The URL of a socket is documented, the others are our choice. */
const CONNECTION_TOKEN_MS = 24 * 3_600_000;
const SOCKET_URL_MS = 100_000;
/** How long a socket may last; clients renew it after 59 minutes. */
export const SOCKET_MS = 3_600_000;

/** The participant connects: they get what they need to take part, and the others are told that they are there. */
export async function createParticipantConnection(
  input: Validated<CreateParticipantConnectionRequest>,
  context: Context,
  bearer: Bearer,
): Promise<CreateParticipantConnectionResponse> {
  const types: readonly string[] = input.Type ?? [];
  if (types.length === 0 && input.ConnectParticipant !== true) {
    throw validation("Type is required unless ConnectParticipant is true");
  }
  const call = await findWebCall(context.store, bearer);
  if (call) {
    if (types.some((type) => type !== "WEBRTC_CONNECTION")) throw validation("A web call has a WEBRTC_CONNECTION only");
    return types.length === 0 ? {} : { WebRTCConnection: meetingOf(context, call, bearer.participantId) };
  }
  if (types.includes("WEBRTC_CONNECTION")) throw validation("A chat has no WEBRTC_CONNECTION");
  await context.store.commit(async (unit) => {
    const { participant } = await getSender(unit, bearer);
    await joinChat(unit, context, participant);
  });
  return connectionOf(context, bearer, types);
}

/** What a participant gets of a connection, by the kinds that they ask for. */
export async function connectionOf(
  platform: Platform,
  bearer: Bearer,
  types: readonly string[],
): Promise<CreateParticipantConnectionResponse> {
  const nowMs = platform.wall.now();
  const tokenUntilMs = nowMs + CONNECTION_TOKEN_MS;
  return {
    Websocket: types.includes("WEBSOCKET")
      ? {
          Url: socketUrl(
            platform.endpoint,
            await sealBearer(platform, "socket", bearer, { expiresMs: nowMs + SOCKET_URL_MS }),
          ),
          ConnectionExpiry: new Date(nowMs + SOCKET_MS).toISOString(),
        }
      : undefined,
    ConnectionCredentials: types.includes("CONNECTION_CREDENTIALS")
      ? {
          ConnectionToken: await sealBearer(platform, "connection", bearer, { expiresMs: tokenUntilMs }),
          Expiry: new Date(tokenUntilMs).toISOString(),
        }
      : undefined,
  };
}

export const SOCKET_PATH = "/_trunkline/chat-socket";

/** The open client takes no other name of this machine without TLS than this one. */
function socketUrl(endpoint: string, token: string): string {
  const url = new URL(`${SOCKET_PATH}?token=${encodeURIComponent(token)}`, endpoint);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  // Under TLS it takes any, and a certificate may be for this one alone.
  if (url.protocol === "ws:" && url.hostname === "localhost") url.hostname = "127.0.0.1";
  return url.href;
}
