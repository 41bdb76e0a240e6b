import { ModeledError } from "../../../models/modeled-error.ts";
import type { Context, Handler } from "../../service.ts";
import { type Bearer, openBearer, type TokenKind } from "../participant-tokens.ts";
import { takeInstanceToken } from "../rates.ts";
import { findWebCall } from "../web-calls.ts";
import { completeAttachmentUpload, getAttachment, startAttachmentUpload } from "./attachments.ts";
import { accessDenied, findSender } from "./bearers.ts";
import { createParticipantConnection } from "./create-participant-connection.ts";
import { disconnectParticipant } from "./disconnect-participant.ts";
import { getTranscript } from "./get-transcript.ts";
import { sendEvent } from "./send-event.ts";
import { sendMessage } from "./send-message.ts";
import { cancelParticipantAuthentication, describeView, getAuthenticationUrl } from "./views-and-authentication.ts";

/**
 * The participant service: what customers, agents and bots do in chats. Nothing of it is signed; who calls is whoever the token in
 * `X-Amz-Bearer` was given to, and instance, account and Region are the token's.
 */
export const participantOperations: Readonly<Record<string, Handler>> = {
  CreateParticipantConnection: bearing("CreateParticipantConnection", "participant", createParticipantConnection),
  SendMessage: bearing("SendMessage", "connection", sendMessage),
  SendEvent: bearing("SendEvent", "connection", sendEvent),
  GetTranscript: bearing("GetTranscript", "connection", getTranscript),
  DisconnectParticipant: bearing("DisconnectParticipant", "connection", disconnectParticipant),
  StartAttachmentUpload: bearing("StartAttachmentUpload", "connection", startAttachmentUpload),
  CompleteAttachmentUpload: bearing("CompleteAttachmentUpload", "connection", completeAttachmentUpload),
  GetAttachment: bearing("GetAttachment", "connection", getAttachment),
  DescribeView: bearing("DescribeView", "connection", describeView),
  GetAuthenticationUrl: bearing("GetAuthenticationUrl", "connection", getAuthenticationUrl),
  CancelParticipantAuthentication: bearing(
    "CancelParticipantAuthentication",
    "connection",
    cancelParticipantAuthentication,
  ),
};

// biome-ignore lint/suspicious/noExplicitAny: each is typed where it is written.
type BearingHandler = (input: any, context: Context, bearer: Bearer) => Promise<unknown>;

/** A handler that is called with whose token came, and with no other token than of its kind. */
function bearing(operation: string, kind: TokenKind, handle: BearingHandler): Handler {
  return async (input, context) => {
    const token: string = kind === "participant" ? input.ParticipantToken : input.ConnectionToken;
    const bearer = await openBearer(context, kind, token);
    const isThere = bearer && ((await findSender(context.store, bearer)) ?? (await findWebCall(context.store, bearer)));
    if (!bearer || !isThere) throw accessDenied();
    if (context.limits.enforced && !takeInstanceToken(operation, bearer, context)) {
      throw new ModeledError("ThrottlingException", "Rate exceeded");
    }
    return handle(input, context, bearer);
  };
}
