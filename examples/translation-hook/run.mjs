/**
 * A customer and an agent who share no language chat with each other:
 *
 *   customer ── chat ── agent's client → API Gateway → Lambda → translation service
 *
 * Starts a stand-in for the translation service, sets everything up, and plays three customers of one agent. Unmodified AWS SDK clients.
 * Start the server (`npm start`), then `node examples/translation-hook/run.mjs`. With TRANSLATOR_URL the service is another one.
 */
import { setTimeout as wait } from "node:timers/promises";
import { ApiGatewayV2Client, CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import {
  AssociateRoutingProfileQueuesCommand,
  StartChatContactCommand,
  UpdateRoutingProfileConcurrencyCommand,
} from "@aws-sdk/client-connect";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import { arnOf, connect, createFunction, lambda, openCentre, options } from "../contact-centre.mjs";
import { joinTranslated } from "./agent-chat.mjs";
import { joinChat } from "./chat.mjs";
import { startTranslationService } from "./translation-service.mjs";

const name = process.env.NAME ?? `translation-hook-${Date.now()}`;

// --- a contact centre whose agent takes chats -------------------------------------------------------------------------

const { InstanceId, queue, flow, routingProfileId: RoutingProfileId, act, setStatus } = await openCentre(name, ["ada"]);
const MediaConcurrencies = ["VOICE", "CHAT"].map((Channel) => ({ Channel, Concurrency: 1 }));
await connect.send(new UpdateRoutingProfileConcurrencyCommand({ InstanceId, RoutingProfileId, MediaConcurrencies }));
const QueueConfigs = [{ QueueReference: { QueueId: queue.Id, Channel: "CHAT" }, Priority: 1, Delay: 0 }];
await connect.send(new AssociateRoutingProfileQueuesCommand({ InstanceId, RoutingProfileId, QueueConfigs }));
await setStatus("ada", "Available");

// --- translation, as an API of one function ---------------------------------------------------------------------------

const TRANSLATOR_URL = process.env.TRANSLATOR_URL ?? (await startTranslationService());
const FunctionName = `${name}-translate`;
const Target = await createFunction(FunctionName, {
  file: new URL("functions/translate.mjs", import.meta.url),
  variables: { TRANSLATOR_URL },
  may: [],
});
const gateway = new ApiGatewayV2Client(options);
const { ApiId } = await gateway.send(new CreateApiCommand({ Name: name, ProtocolType: "HTTP", Target }));
await lambda.send(
  new AddPermissionCommand({
    FunctionName,
    StatementId: "api",
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
    SourceArn: arnOf("execute-api", `${ApiId}/*`),
  }),
);

async function translate(text, to) {
  const answer = await fetch(`${options.endpoint}/_aws/execute-api/${ApiId}/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text, to }),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.message);
  return value;
}

// --- three chats ------------------------------------------------------------------------------------------------------

await playChat("Mara", "Hallo, wo ist mein Paket?", "Danke!");
await playChat("Lola", "Hola, dónde está mi paquete?", "Gracias!");
await playChat("Kim", "Hello, where is my parcel?", "Thank you!");
process.exit();

async function playChat(customer, asks, thanks) {
  console.log(`--- ${customer}`);
  const started = await connect.send(
    new StartChatContactCommand({
      InstanceId,
      ContactFlowId: flow.Id,
      ParticipantDetails: { DisplayName: customer },
    }),
  );
  // What a web page does, with nothing but its token and any chat library.
  const theirs = inbox();
  const customersChat = await joinChat(
    started.ParticipantToken,
    ({ role, text }) => role === "AGENT" && theirs.put(text),
  );
  await customersChat.say(asks);

  // What the agent's workspace does. At Amazon the token comes from Amazon Connect Streams.
  const contactId = started.ContactId;
  while (!(await act("ada", "accept", contactId).catch(() => undefined))) await wait(100);
  const { participantToken } = await act("ada", "chat-connection", contactId);
  const adas = inbox();
  const agentsChat = await joinTranslated(participantToken, { language: "en", translate, show: adas.put });
  const tell = ({ text, from }) => console.log(`Ada reads     ${text}   (${from ?? "not translated"})`);
  tell(await adas.next());
  console.log("Ada writes    Your parcel arrives tomorrow.");
  await agentsChat.say("Your parcel arrives tomorrow.");
  console.log(`${customer.padEnd(4)} reads    ${await theirs.next()}`);
  await customersChat.say(thanks);
  tell(await adas.next());

  await act("ada", "hang-up", contactId);
  await act("ada", "clear", contactId);
  for (const chat of [customersChat, agentsChat]) chat.leave();
}

/** What comes in, to be waited for one by one. */
function inbox() {
  const items = [];
  return {
    put: (item) => items.push(item),
    async next() {
      while (items.length === 0) await wait(20);
      return items.shift();
    },
  };
}
