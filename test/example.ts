/** An example under test: it is run as its head comment says, and what it prints is asked for by name. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ConnectClient, ListUsersCommand } from "@aws-sdk/client-connect";
import type { TestServer } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

/** What an example has printed, whole and by names: `page      http://…`. */
interface Printed {
  readonly stdout: string;
  named(name: string): string;
}

/** Runs a file of `examples/` to its end, with the server's address and what more is given in its environment. */
export async function runExample(
  server: TestServer,
  file: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Printed> {
  const path = new URL(`../examples/${file}`, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [path], {
    env: { ...process.env, AWS_ENDPOINT_URL: server.url, TRUNKLINE_CREDENTIALS: "", NAME: "shop", ...more },
  });
  return {
    stdout,
    named: (name) => new RegExp(`^${name} +(\\S.*)$`, "m").exec(stdout)?.[1] ?? assert.fail(`No ${name}: ${stdout}`),
  };
}

/** What is done with a telephone or in an agent's workspace. */
export class People {
  readonly #server: TestServer;
  readonly #instanceId: string;
  #agentId = "";

  constructor(server: TestServer, instanceId: string) {
    this.#server = server;
    this.#instanceId = instanceId;
  }

  /** The instance's only agent. */
  async findAgent(): Promise<void> {
    const connect = new ConnectClient(this.#server.client);
    const { UserSummaryList = [] } = await connect.send(new ListUsersCommand({ InstanceId: this.#instanceId }));
    this.#agentId = UserSummaryList[0]?.Id ?? "";
  }

  agent(act: string, body: object = {}): Promise<Record<string, unknown>> {
    return this.#do("POST", `agents/${this.#instanceId}/${this.#agentId}/${act}`, body);
  }

  async call(from: string, contactFlowId: string): Promise<string> {
    const arrival = { channel: "VOICE", from, contactFlowId };
    return String((await this.#do("POST", `contacts/${this.#instanceId}`, arrival)).contactId);
  }

  say(contactId: string, speaker: "AGENT" | "CUSTOMER", text: string): Promise<Record<string, unknown>> {
    return this.#do("POST", `contacts/${this.#instanceId}/${contactId}/say`, { speaker, text, seconds: 2 });
  }

  hangUp(contactId: string): Promise<Record<string, unknown>> {
    return this.#do("POST", `contacts/${this.#instanceId}/${contactId}/hang-up`, {});
  }

  async #do(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await sendSigned(this.#server.url, {
      service: "connect",
      method,
      path: `/_trunkline/${path}`,
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }
}
