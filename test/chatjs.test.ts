/** The public chat library amazon-connect-chatjs, as it is on npm, against this server: a customer's widget and an agent's workspace. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { AssociateInstanceStorageConfigCommand, StartChatContactCommand } from "@aws-sdk/client-connect";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

/** The parts of the library's session that are used here. Its own types lean on the DOM's. */
interface Session {
  connect(): Promise<{ connectSuccess: boolean }>;
  sendMessage(args: object): Promise<{ data: { Id: string } }>;
  sendEvent(args: object): Promise<unknown>;
  getTranscript(args: object): Promise<{ data: { Transcript: { Content?: string; ContentType: string }[] } }>;
  sendAttachment(args: object): Promise<unknown>;
  downloadAttachment(args: object): Promise<Blob>;
  disconnectParticipant(): Promise<unknown>;
  onMessage(callback: (event: ChatEvent) => void): void;
  onTyping(callback: (event: ChatEvent) => void): void;
  onReadReceipt(callback: (event: ChatEvent) => void): void;
  onEnded(callback: (event: ChatEvent) => void): void;
  onConnectionEstablished(callback: (event: ChatEvent) => void): void;
}

interface ChatEvent {
  readonly data: {
    readonly Id: string;
    readonly Type: string;
    readonly Content?: string;
    readonly ContentType?: string;
    readonly DisplayName?: string;
    readonly Attachments?: { readonly AttachmentId: string; readonly AttachmentName: string }[];
  };
}

interface Library {
  readonly ChatSession: {
    create(args: object): Session;
    setGlobalConfig(config: object): void;
  };
}

/** The library is made for browsers: it finds itself in a `window`, and does not end its timers when a page is left. */
function load(endpoint: string): Library {
  for (const name of ["setTimeout", "setInterval"] as const) {
    const start = globalThis[name] as (...args: unknown[]) => NodeJS.Timeout;
    Object.assign(globalThis, { [name]: (...args: unknown[]) => start(...args).unref() });
  }
  Object.assign(globalThis, { window: globalThis, self: globalThis });
  const require = createRequire(import.meta.url);
  require("amazon-connect-chatjs");
  const { connect } = globalThis as unknown as { connect: Library };
  connect.ChatSession.setGlobalConfig({
    region: "us-east-1",
    endpoint,
    webSocketManagerConfig: { isNetworkOnline: () => true },
    features: { messageReceipts: { shouldSendMessageReceipts: true, throttleTime: 1 } },
  });
  return connect;
}

/** What a session was told so far, and a way to wait for more. */
class Told {
  readonly events: ChatEvent["data"][] = [];
  #waiting: (() => void)[] = [];

  readonly take = ({ data }: ChatEvent): void => {
    if (data) this.events.push(data);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };

  async until(holds: (event: ChatEvent["data"]) => boolean): Promise<ChatEvent["data"]> {
    for (;;) {
      const found = this.events.find(holds);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

test("a customer's and an agent's session of the library talk to each other", async () => {
  const server = await startTrunkline();
  const { ChatSession } = load(server.url);
  const centre = await openCentre(server);
  const { connect, InstanceId, flowId: ContactFlowId } = centre;
  await connect.send(
    new AssociateInstanceStorageConfigCommand({
      InstanceId,
      ResourceType: "ATTACHMENTS",
      StorageConfig: { StorageType: "S3", S3Config: { BucketName: "files", BucketPrefix: "chat" } },
    }),
  );
  const agent = await centre.agent("ada");
  const started = await connect.send(
    new StartChatContactCommand({ InstanceId, ContactFlowId, ParticipantDetails: { DisplayName: "Mara" } }),
  );
  const { ContactId: contactId = "", ParticipantId: participantId, ParticipantToken: participantToken } = started;

  const customer = ChatSession.create({
    type: "CUSTOMER",
    disableCSM: true,
    chatDetails: { contactId, participantId, participantToken },
  });
  const shown = new Told();
  customer.onMessage(shown.take);
  customer.onTyping(shown.take);
  customer.onReadReceipt(shown.take);
  const gained = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let isConnected = 0;
  customer.onConnectionEstablished(() => ++isConnected > 1 && gained.resolve());
  customer.onEnded(() => ended.resolve());
  assert.equal((await customer.connect()).connectSuccess, true);
  await gained.promise;

  await centre.act(agent, "accept", { contactId });
  const { body } = await centre.control("POST", `agents/${InstanceId}/${agent}/chat-connection`, { contactId });
  const workspace = ChatSession.create({
    type: "AGENT",
    chatDetails: {
      contactId,
      initialContactId: contactId,
      participantId: body.participantId,
      participantToken: body.participantToken,
      getConnectionToken: () => Promise.reject(new Error("there is no agent client here")),
    },
  });
  const seen = new Told();
  workspace.onMessage(seen.take);
  assert.equal((await workspace.connect()).connectSuccess, true);

  const { data: hello } = await customer.sendMessage({ contentType: "text/plain", message: "Hello" });
  await shown.until(({ Id }) => Id === hello.Id);
  const { data: answer } = await workspace.sendMessage({ contentType: "text/plain", message: "Good morning" });
  assert.equal((await shown.until(({ Id }) => Id === answer.Id)).DisplayName, "Ada");
  await workspace.sendEvent({ contentType: "application/vnd.amazonaws.connect.event.typing" });
  await shown.until(({ ContentType }) => ContentType === "application/vnd.amazonaws.connect.event.typing");
  await workspace.sendEvent({
    contentType: "application/vnd.amazonaws.connect.event.message.read",
    content: JSON.stringify({ messageId: hello.Id }),
  });
  const receipt = await shown.until(({ Type }) => Type === "MESSAGEMETADATA");
  assert.equal(receipt.Id, hello.Id);

  await customer.sendAttachment({ attachment: new File(["a,b\n1,2\n"], "list.csv", { type: "text/csv" }) });
  const sent = await shown.until(({ Type }) => Type === "ATTACHMENT");
  const attachmentId = sent.Attachments?.[0]?.AttachmentId;
  assert.equal(await (await workspace.downloadAttachment({ attachmentId })).text(), "a,b\n1,2\n");

  const { data } = await customer.getTranscript({ maxResults: 100, sortOrder: "ASCENDING" });
  assert.deepEqual(
    data.Transcript.map(({ Content, ContentType }) => Content ?? ContentType),
    [
      "application/vnd.amazonaws.connect.event.participant.joined",
      "application/vnd.amazonaws.connect.event.participant.joined",
      "Hello",
      "Good morning",
      undefined,
    ],
  );
  await customer.disconnectParticipant();
  await ended.promise;
  assert.equal((await centre.describe(contactId)).DisconnectReason, "CUSTOMER_DISCONNECT");
});
