/** Somebody in a chat: what the participant service and its WebSocket do, for a customer and an agent alike. */
import {
  ConnectParticipantClient,
  CreateParticipantConnectionCommand,
  GetTranscriptCommand,
  SendMessageCommand,
} from "@aws-sdk/client-connectparticipant";
import { options } from "../contact-centre.mjs";

const participants = new ConnectParticipantClient(options);

/**
 * Joins with a participant token, and tells each message of the chat once, in order, also those that were written before.
 * `tell({ role, text })` may take its time: the next message waits for it.
 */
export async function joinChat(ParticipantToken, tell) {
  const { Websocket, ConnectionCredentials } = await participants.send(
    new CreateParticipantConnectionCommand({ Type: ["WEBSOCKET", "CONNECTION_CREDENTIALS"], ParticipantToken }),
  );
  const { ConnectionToken } = ConnectionCredentials;
  const early = [];
  let take = (item) => early.push(item);
  const socket = new WebSocket(Websocket.Url);
  await new Promise((resolve, reject) => {
    socket.onerror = reject;
    socket.onopen = () => socket.send(JSON.stringify({ topic: "aws/subscribe", content: { topics: ["aws/chat"] } }));
    socket.onmessage = ({ data }) => {
      const { topic, content } = JSON.parse(data);
      if (topic === "aws/subscribe") resolve();
      if (topic === "aws/chat") take(JSON.parse(content));
    };
  });

  // What was written before comes first; what has come on the socket meanwhile may be in the transcript too.
  const before = { ConnectionToken, SortOrder: "ASCENDING", MaxResults: 100 };
  const { Transcript } = await participants.send(new GetTranscriptCommand(before));
  const seen = new Set();
  let told = Promise.resolve();
  take = ({ Id, Type, ParticipantRole: role, Content: text }) => {
    if (Type !== "MESSAGE" || seen.has(Id)) return;
    seen.add(Id);
    told = told.then(() => tell({ role, text }));
  };
  for (const item of [...Transcript, ...early]) take(item);

  return {
    say: (Content) =>
      participants.send(new SendMessageCommand({ ConnectionToken, ContentType: "text/plain", Content })),
    leave: () => socket.close(),
  };
}
