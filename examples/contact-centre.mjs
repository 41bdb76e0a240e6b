/**
 * What the examples of the integration plane share: a contact centre with its callers and agents, roles, functions, and a clock that is moved.
 *
 * Setting up is done with unmodified AWS SDK clients. Callers, agents and the clock have no API at Amazon: those are Trunkline's own
 * endpoints below `/_trunkline/` (docs/contact-control.md).
 */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import {
  ConnectClient,
  CreateContactFlowCommand,
  CreateInstanceCommand,
  CreateRoutingProfileCommand,
  CreateUserCommand,
  ListAgentStatusesCommand,
  ListContactFlowsCommand,
  ListQueuesCommand,
  ListSecurityProfilesCommand,
  PutUserStatusCommand,
} from "@aws-sdk/client-connect";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Sha256Node } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { ZipFile } from "yazl";

/** What every client's constructor takes. Without `endpoint` these are Amazon's own. */
export const options = {
  endpoint: process.env.AWS_ENDPOINT_URL ?? "http://127.0.0.1:4510",
  region: process.env.AWS_REGION ?? "us-east-1",
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "test",
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "test",
  },
};
export const connect = new ConnectClient(options);
export const lambda = new LambdaClient(options);
const iam = new IAMClient(options);
export const { Account: account } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
export const arnOf = (service, resource) => `arn:aws:${service}:${options.region}:${account}:${resource}`;

/** An instance as it comes out of the box, with agents by their names. They take calls, and nothing until they are put into a status. */
export async function openCentre(name, agentNames) {
  const { Id: InstanceId, Arn: instanceArn } = await connect.send(
    new CreateInstanceCommand({
      InstanceAlias: name,
      IdentityManagementType: "CONNECT_MANAGED",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const list = async (command, key) => (await connect.send(command))[key];
  const queues = new ListQueuesCommand({ InstanceId, QueueTypes: ["STANDARD"] });
  const [queue] = await list(queues, "QueueSummaryList");
  const flows = new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] });
  const [flow] = await list(flows, "ContactFlowSummaryList");
  const { RoutingProfileId } = await connect.send(
    new CreateRoutingProfileCommand({
      InstanceId,
      Name: "Calls",
      Description: "One call at a time",
      DefaultOutboundQueueId: queue.Id,
      MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
      QueueConfigs: [{ QueueReference: { QueueId: queue.Id, Channel: "VOICE" }, Priority: 1, Delay: 0 }],
    }),
  );
  const roles = await list(new ListSecurityProfilesCommand({ InstanceId }), "SecurityProfileSummaryList");
  const agents = {};
  for (const Username of agentNames) {
    const { UserId } = await connect.send(
      new CreateUserCommand({
        InstanceId,
        Username,
        IdentityInfo: { FirstName: Username, LastName: "Agent", Email: `${Username}@example.com` },
        Password: "Examples-1",
        PhoneConfig: { PhoneType: "SOFT_PHONE", AutoAccept: false },
        RoutingProfileId,
        SecurityProfileIds: [roles.find(({ Name }) => Name === "Agent").Id],
      }),
    );
    agents[Username] = UserId;
    await control("POST", `agents/${InstanceId}/${UserId}/sign-in`);
  }
  return {
    InstanceId,
    instanceArn,
    queue,
    flow,
    routingProfileId: RoutingProfileId,
    /** Puts an agent into a status, by its name. */
    async setStatus(agent, name) {
      const statuses = await list(new ListAgentStatusesCommand({ InstanceId }), "AgentStatusSummaryList");
      const { Id: AgentStatusId } = statuses.find(({ Name }) => Name === name);
      await connect.send(new PutUserStatusCommand({ InstanceId, UserId: agents[agent], AgentStatusId }));
    },
    /** What an agent does: `accept`, `hang-up`, `clear` … a contact. */
    act: (agent, what, contactId) => control("POST", `agents/${InstanceId}/${agents[agent]}/${what}`, { contactId }),
    /** Somebody calls, and waits in the queue, or goes through another flow than the default one. Answers the contact's id. */
    async call(from, contactFlowId) {
      return (await control("POST", `contacts/${InstanceId}`, { channel: "VOICE", from, contactFlowId })).contactId;
    },
    /** The caller hangs up. */
    hangUp: (contactId) => control("POST", `contacts/${InstanceId}/${contactId}/hang-up`, {}),
    /** All agents go home: who is there has a heartbeat every two minutes, in all the time that the clock is moved by. */
    async close() {
      for (const userId of Object.values(agents)) await control("POST", `agents/${InstanceId}/${userId}/sign-out`);
    },
  };
}

/** An action of a flow and the one that comes next. Its errors go on there too, unless `onError` names another one. */
export function action(Identifier, Type, Parameters, next, errors = ["NoMatchingError"], onError = next) {
  const Errors = next === undefined ? [] : errors.map((ErrorType) => ({ ErrorType, NextAction: onError }));
  return { Identifier, Type, Parameters, Transitions: { ...(next && { NextAction: next }), Errors, Conditions: [] } };
}

/** A flow that begins with the first of its actions. Answers its id. */
export async function createFlow(InstanceId, Name, Actions) {
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction: Actions[0].Identifier, Metadata: {}, Actions });
  const flow = { InstanceId, Name, Type: "CONTACT_FLOW", Content };
  return (await connect.send(new CreateContactFlowCommand(flow))).ContactFlowId;
}

/** Moves the centre's clock as if the time had passed (`PT15M`), and comes back when all that follows has happened. */
export const advance = (duration) => moveClock({ advance: duration });
/** The same, up to a time. */
export const moveTo = (time) => moveClock({ to: time.toISOString() });

async function moveClock(input) {
  const { running } = await control("POST", "clock", input);
  if (running.length > 0) throw new Error(`Not done after 30 seconds: ${running.join(", ")}`);
}

/** What time it is in the contact centre. */
export async function now() {
  return new Date((await control("GET", "clock")).now);
}

/** Trunkline's own endpoints, signed as every request is. */
export async function control(method, path, input) {
  const { host, hostname, protocol } = new URL(options.endpoint);
  const signer = new SignatureV4({ ...options, service: "connect", sha256: Sha256Node });
  const body = input && JSON.stringify(input);
  const request = { method, protocol, hostname, path: `/_trunkline/${path}`, query: {}, headers: { host }, body };
  const { host: _, ...headers } = (await signer.sign(request)).headers;
  const answer = await fetch(options.endpoint + request.path, { method, headers, body });
  const value = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${value.error}`);
  return value;
}

/** A role that a service takes on, with what it may do. Answers its ARN. */
export async function createRole(RoleName, service, Statement) {
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: policy(...Statement) }));
  return Role.Arn;
}

export function allow(Action, Resource, more) {
  return { Effect: "Allow", Action, Resource, ...more };
}

export function policy(...Statement) {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** A function from a file, with a role of its own. Answers its ARN. `source` is the ARN of a rule that may invoke it. */
export async function createFunction(FunctionName, { file, handler = "handler", may, variables, source }) {
  const zip = new ZipFile();
  zip.addBuffer(await readFile(file), "index.mjs");
  zip.end();
  const logs = allow(
    ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    `arn:aws:logs:*:${account}:*`,
  );
  const { FunctionArn } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: await createRole(FunctionName, "lambda.amazonaws.com", [logs, ...may]),
      Runtime: "nodejs24.x",
      Handler: `index.${handler}`,
      Timeout: 30,
      Code: { ZipFile: await buffer(zip.outputStream) },
      Environment: { Variables: variables },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30 }, { FunctionName });
  if (source) {
    const permission = { StatementId: "rule", Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" };
    await lambda.send(new AddPermissionCommand({ FunctionName, ...permission, SourceArn: source }));
  }
  return FunctionArn;
}
