/**
 * Kills the server (SIGKILL) in the middle of a chat: whatever message was acknowledged is in the transcript, once, and the tokens of
 * before go on. A client that comes again sees everything.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { ChatClient } from "./chat-client.ts";
import { call } from "./model-call.ts";
import { temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
/** Kills, and messages that are acknowledged before each, by so many writers at once. */
const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 20 : 2;
const MESSAGES = 25;
const WRITERS = 4;

test("what was acknowledged in a chat outlives a kill, and is there once", async () => {
  const folder = temporaryFolder();
  let server = await start(folder);
  const customer = await startChat(server.url);
  const acknowledged = new Map<string, string>();
  let sent = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const client = await ChatClient.subscribe((await customer.connect(server.url)).url);
    const enough = acknowledged.size + MESSAGES;
    const ended = once(server.child, "exit");
    const write = async (): Promise<void> => {
      for (;;) {
        const Content = `message ${++sent}`;
        const { Id } = await customer.send(server.url, Content);
        acknowledged.set(Content, Id);
        if (acknowledged.size === enough) server.child.kill("SIGKILL");
      }
    };
    await Promise.allSettled(Array.from({ length: WRITERS }, write));
    await ended;
    await client.closed();
    const pushed = new Set(client.shown.map(({ Content }) => Content));

    server = await start(folder);
    const written = await customer.transcript(server.url);
    const texts = written.filter(({ Type }) => Type === "MESSAGE").map(({ Content }) => Content);
    assert.equal(new Set(texts).size, texts.length, "each message is there once");
    for (const [Content, Id] of acknowledged) {
      assert.equal(written.find((item) => item.Content === Content)?.Id, Id, Content);
    }
    for (const Content of pushed) assert.ok(Content === undefined || texts.includes(Content), `${Content} was shown`);
  }
});

interface Item {
  readonly Id: string;
  readonly Type: string;
  readonly Content?: string;
}

/** A customer whose tokens are good on whatever server has the data. */
interface Customer {
  connect(server: string): Promise<{ url: string }>;
  send(server: string, Content: string): Promise<{ Id: string }>;
  transcript(server: string): Promise<readonly Item[]>;
}

async function startChat(url: string): Promise<Customer> {
  const instance = { IdentityManagementType: "CONNECT_MANAGED", InboundCallsEnabled: true, OutboundCallsEnabled: true };
  const { Id: InstanceId } = await call(url, "connect", "CreateInstance", { ...instance, InstanceAlias: "kill" });
  const ContactFlowTypes = ["CONTACT_FLOW"];
  const { ContactFlowSummaryList: flows } = await call(url, "connect", "ListContactFlows", {
    InstanceId,
    ContactFlowTypes,
  });
  const { ParticipantToken } = await call(url, "connect", "StartChatContact", {
    InstanceId,
    ContactFlowId: flows[0].Id,
    ParticipantDetails: { DisplayName: "Mara" },
  });
  const participant = (server: string, operation: string, input: object) =>
    call(server, "connectparticipant", operation, { ...input });
  const { ConnectionCredentials } = await participant(url, "CreateParticipantConnection", {
    ParticipantToken,
    Type: ["CONNECTION_CREDENTIALS"],
  });
  const { ConnectionToken } = ConnectionCredentials;
  return {
    connect: async (server) => {
      const connection = { ParticipantToken, Type: ["WEBSOCKET"] };
      return { url: (await participant(server, "CreateParticipantConnection", connection)).Websocket.Url };
    },
    send: (server, Content) =>
      participant(server, "SendMessage", { ConnectionToken, ContentType: "text/plain", Content }),
    transcript: async (server) => {
      const items: Item[] = [];
      let NextToken: string | undefined;
      do {
        const page = { ConnectionToken, ScanDirection: "FORWARD", SortOrder: "ASCENDING", MaxResults: 100 };
        const answer = await participant(server, "GetTranscript", { ...page, ...(NextToken && { NextToken }) });
        items.push(...answer.Transcript);
        ({ NextToken } = answer);
      } while (NextToken !== undefined);
      return items;
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(folder: string): Promise<Server> {
  const flags = ["--port", "0", "--data", folder, "--clock", "manual", "--log-level", "error"];
  const child = spawn(process.execPath, [BIN, "start", ...flags], {
    env: { ...process.env, TRUNKLINE_CREDENTIALS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    const [, url] = /ready at (http:\S+)/.exec(output) ?? [];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`The server has ended: ${output}`);
}
