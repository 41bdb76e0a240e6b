/**
 * Plays the agents of an instance: they sign in, accept what is offered to them, talk for some seconds and are free again. Whoever
 * accepts the task of an agent-first call dials its customer. `node examples/click-to-call/agents.mjs INSTANCE [TALK_SECONDS]`
 *
 * Connect has no API by which an agent picks up: that is done in the agent's workspace. Trunkline has endpoints of its own for it
 * (docs/contact-control.md).
 */
import { createHash, createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import {
  ConnectClient,
  DescribeContactCommand,
  ListAgentStatusesCommand,
  ListUsersCommand,
  PutUserStatusCommand,
} from "@aws-sdk/client-connect";
import { SignatureV4 } from "@smithy/signature-v4";

/** SHA-256 as the signer wants it. */
class Sha256 {
  constructor(key) {
    this.hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return this.hash.digest();
  }
}

const [InstanceId, talkSeconds = "5"] = process.argv.slice(2);
const endpoint = process.env.AWS_ENDPOINT_URL ?? "http://127.0.0.1:4510";
const region = process.env.AWS_REGION ?? "us-east-1";
const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "test",
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "test",
};
const connect = new ConnectClient({ endpoint, region, credentials });

const { UserSummaryList: users } = await connect.send(new ListUsersCommand({ InstanceId }));
const { AgentStatusSummaryList: statuses } = await connect.send(new ListAgentStatusesCommand({ InstanceId }));
const AgentStatusId = statuses.find(({ Name }) => Name === "Available").Id;
for (const { Id: UserId, Username } of users) {
  const { agent } = await control("GET", `agents/${InstanceId}/${UserId}`);
  if (!agent?.isSignedIn) await act(UserId, "sign-in");
  await connect.send(new PutUserStatusCommand({ InstanceId, UserId, AgentStatusId }));
  console.log(`${Username} is available`);
}

/** When each contact was accepted. */
const acceptedMs = new Map();
for (;;) {
  for (const { Id: UserId, Username } of users) {
    const { agent } = await control("GET", `agents/${InstanceId}/${UserId}`);
    for (const contact of agent?.contacts ?? []) await attend(UserId, Username, contact);
  }
  await wait(500);
}

async function attend(UserId, username, { id: contactId, channel, initiationMethod, state }) {
  // What an agent dialled connects by itself; everything else that connects is offered.
  if (["INCOMING", "CONNECTING"].includes(state) && initiationMethod !== "OUTBOUND") {
    await act(UserId, "accept", { contactId });
    acceptedMs.set(contactId, Date.now());
    console.log(`${username} accepts ${contactId}`);
    if (channel === "TASK") {
      const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId: contactId }));
      await act(UserId, "dial", { number: Contact.Attributes.phone });
      console.log(`${username} dials ${Contact.Attributes.phone}`);
      await act(UserId, "hang-up", { contactId });
    }
  } else if (state === "CONNECTED" && Date.now() - (acceptedMs.get(contactId) ?? 0) > Number(talkSeconds) * 1000) {
    await act(UserId, "hang-up", { contactId });
    console.log(`${username} ends ${contactId}`);
  } else if (state === "ENDED" || state === "MISSED" || state === "REJECTED") {
    await act(UserId, "clear", { contactId });
  }
}

/** What an agent does; what the moment does not allow (a customer was quicker) is no failure. */
async function act(UserId, name, body = {}) {
  return control("POST", `agents/${InstanceId}/${UserId}/${name}`, body).catch(({ message }) => console.log(message));
}

async function control(method, path, body) {
  const url = new URL(`/_trunkline/${path}`, endpoint);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signer = new SignatureV4({ service: "connect", region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host },
    body: text,
  });
  const answer = await fetch(url, { method, headers, body: text });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error);
  return value;
}
