/**
 * Click-to-call, the whole of it on one URL:
 *
 *   web page → API Gateway ─┬─ straight into Connect ────────────────┐
 *                           └─ Lambda, where something is decided ───┴→ call → flow → queue → agent
 *                                                                        │
 *                                             contact record → Firehose → S3
 *
 * Unmodified AWS SDK clients; nothing here knows Trunkline but the URL. Start the server (`npm start`), then
 * `node examples/click-to-call/setup.mjs`, and open the address that it prints. `agents.mjs` beside it plays the agents.
 */
import { readFile } from "node:fs/promises";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateModelCommand,
  CreateRequestValidatorCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateContactFlowCommand,
  CreateInstanceCommand,
  CreateUserCommand,
  ListQueuesCommand,
  ListRoutingProfilesCommand,
  ListSecurityProfilesCommand,
} from "@aws-sdk/client-connect";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { ZipFile } from "yazl";

const region = process.env.AWS_REGION ?? "us-east-1";
const endpoint = process.env.AWS_ENDPOINT_URL ?? "http://127.0.0.1:4510";
const options = {
  endpoint,
  region,
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "test",
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "test",
  },
};
const connect = new ConnectClient(options);
const gateway = new APIGatewayClient(options);
const lambda = new LambdaClient(options);
const iam = new IAMClient(options);
const s3 = new S3Client({ ...options, forcePathStyle: true });
const firehose = new FirehoseClient(options);
const { Account: account } = await new STSClient(options).send(new GetCallerIdentityCommand({}));

/** What the whole is called, so that it can be set up more than once. */
const name = process.env.NAME ?? `click-to-call-${Date.now()}`;

// --- the contact centre ---------------------------------------------------------------------------------------------

const { Id: InstanceId } = await connect.send(
  new CreateInstanceCommand({
    InstanceAlias: name,
    IdentityManagementType: "CONNECT_MANAGED",
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  }),
);
const [queue] = (await connect.send(new ListQueuesCommand({ InstanceId, QueueTypes: ["STANDARD"] }))).QueueSummaryList;
const [profile] = (await connect.send(new ListRoutingProfilesCommand({ InstanceId }))).RoutingProfileSummaryList;
const { SecurityProfileSummaryList } = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
const agent = SecurityProfileSummaryList.find(({ Name }) => Name === "Agent");
for (const [Username, FirstName] of [
  ["ada", "Ada"],
  ["bea", "Bea"],
]) {
  await connect.send(
    new CreateUserCommand({
      InstanceId,
      Username,
      IdentityInfo: { FirstName, LastName: "Agent", Email: `${Username}@example.com` },
      Password: "Click-to-call-1",
      PhoneConfig: { PhoneType: "SOFT_PHONE", AutoAccept: false },
      RoutingProfileId: profile.Id,
      SecurityProfileIds: [agent.Id],
    }),
  );
}

/** Who was called and has picked up waits for an agent. */
const toAgent = await createFlow("to an agent", [
  action("greet", "MessageParticipant", { Text: "Thank you. We connect you with an agent." }, "queue", [
    "NoMatchingError",
  ]),
  action("queue", "UpdateContactTargetQueue", { QueueId: queue.Id }, "wait", ["NoMatchingError"], "bye"),
  action("wait", "TransferContactToQueue", {}, "bye", ["QueueAtCapacity", "NoMatchingError"]),
  action("bye", "DisconnectParticipant", {}),
]);
/** Who cannot be connected now keeps a place in the queue; the agent who takes it is there before the customer is dialled again. */
const toCallback = await createFlow("to a callback", [
  action("tell", "MessageParticipant", { Text: "All agents are busy. We call you back." }, "queue", [
    "NoMatchingError",
  ]),
  action("queue", "UpdateContactTargetQueue", { QueueId: queue.Id }, "number", ["NoMatchingError"], "bye"),
  action(
    "number",
    "UpdateContactCallbackNumber",
    { CallbackNumber: "$.CustomerEndpoint.Address" },
    "keep",
    ["InvalidCallbackNumber", "CallbackNumberNotDialable"],
    "bye",
  ),
  action(
    "keep",
    "CreateCallbackContact",
    { InitialCallDelaySeconds: "1", MaximumConnectionAttempts: "2", RetryDelaySeconds: "600" },
    "bye",
    ["NoMatchingError"],
  ),
  action("bye", "DisconnectParticipant", {}),
]);

function action(Identifier, Type, Parameters, next, errors = [], onError = next) {
  return {
    Identifier,
    Type,
    Parameters,
    Transitions: {
      ...(next && { NextAction: next }),
      Conditions: [],
      Errors: errors.map((ErrorType) => ({ ErrorType, NextAction: onError })),
    },
  };
}

async function createFlow(Name, Actions) {
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction: Actions[0].Identifier, Metadata: {}, Actions });
  const created = await connect.send(new CreateContactFlowCommand({ InstanceId, Name, Type: "CONTACT_FLOW", Content }));
  return created.ContactFlowId;
}

// --- contact records into S3 ----------------------------------------------------------------------------------------

const bucket = `${name}-${account}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
await s3.send(
  new PutObjectCommand({
    Bucket: bucket,
    Key: "page/index.html",
    Body: await readFile(new URL("index.html", import.meta.url)),
    ContentType: "text/html; charset=utf-8",
  }),
);
const archiveRole = await createRole("records", "firehose.amazonaws.com", [
  { Effect: "Allow", Action: ["s3:PutObject"], Resource: `arn:aws:s3:::${bucket}/*` },
]);
const { DeliveryStreamARN } = await firehose.send(
  new CreateDeliveryStreamCommand({
    DeliveryStreamName: name,
    ExtendedS3DestinationConfiguration: {
      RoleARN: archiveRole,
      BucketARN: `arn:aws:s3:::${bucket}`,
      Prefix: "contact-records/",
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          { Type: "AppendDelimiterToRecord", Parameters: [{ ParameterName: "Delimiter", ParameterValue: "\\n" }] },
        ],
      },
    },
  }),
);
await connect.send(
  new AssociateInstanceStorageConfigCommand({
    InstanceId,
    ResourceType: "CONTACT_TRACE_RECORDS",
    StorageConfig: { StorageType: "KINESIS_FIREHOSE", KinesisFirehoseConfig: { FirehoseArn: DeliveryStreamARN } },
  }),
);

// --- functions, where something is decided --------------------------------------------------------------------------

const instanceArn = `arn:aws:connect:${region}:${account}:instance/${InstanceId}`;
const functionRole = await createRole("functions", "lambda.amazonaws.com", [
  {
    Effect: "Allow",
    Action: [
      "connect:StartOutboundVoiceContact",
      "connect:GetCurrentMetricData",
      "connect:GetCurrentUserData",
      "connect:DescribeUser",
    ],
    Resource: [instanceArn, `${instanceArn}/*`],
  },
  {
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `arn:aws:logs:${region}:${account}:*`,
  },
]);
const variables = { INSTANCE_ID: InstanceId, QUEUE_ID: queue.Id, AGENT_FLOW: toAgent, CALLBACK_FLOW: toCallback };
const callbacks = await createFunction("callbacks");
const agentStatus = await createFunction("agent-status");

async function createFunction(file) {
  const FunctionName = `${name}-${file}`;
  const { FunctionArn } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: functionRole,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Timeout: 10,
      Code: { ZipFile: await zipped("index.mjs", new URL(`functions/${file}.mjs`, import.meta.url)) },
      Environment: { Variables: variables },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30 }, { FunctionName });
  return FunctionArn;
}

async function zipped(fileName, url) {
  const zip = new ZipFile();
  zip.addBuffer(await readFile(url), fileName);
  zip.end();
  const chunks = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A role that a service takes on, with what it may do. */
async function createRole(suffix, service, Statement) {
  const RoleName = `${name}-${suffix}`;
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document([trust]) }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: document(Statement) }));
  return Role.Arn;
}

function document(Statement) {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

// --- the API ---------------------------------------------------------------------------------------------------------

const { id: restApiId } = await gateway.send(new CreateRestApiCommand({ name }));
const apiRole = await createRole("api", "apigateway.amazonaws.com", [
  {
    Effect: "Allow",
    Action: [
      "connect:StartOutboundVoiceContact",
      "connect:StartTaskContact",
      "connect:DescribeContact",
      "connect:GetCurrentMetricData",
      "connect:ListUsers",
    ],
    Resource: [instanceArn, `${instanceArn}/*`],
  },
  { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/page/*` },
]);
const [root] = (await gateway.send(new GetResourcesCommand({ restApiId }))).items;
await gateway.send(
  new CreateModelCommand({
    restApiId,
    name: "Call",
    contentType: "application/json",
    schema: JSON.stringify({
      $schema: "http://json-schema.org/draft-04/schema#",
      type: "object",
      properties: {
        phone: { type: "string", pattern: "^\\+[1-9][0-9]{6,14}$" },
        name: { type: "string", maxLength: 80, pattern: "^[^\\p{Cc}]*$" },
      },
      required: ["phone"],
      additionalProperties: false,
    }),
  }),
);
const { id: requestValidatorId } = await gateway.send(
  new CreateRequestValidatorCommand({ restApiId, name: "body", validateRequestBody: true }),
);

const calls = await createResource(root.id, "outbound-calls");
const agentFirst = await createResource(calls, "agent-first");
const oneCall = await createResource(calls, "{id}");

// The page itself, from S3.
await createMethod(root.id, "GET", {
  uri: integration("s3", `path/${bucket}/page/index.html`),
  integrationHttpMethod: "GET",
  answer: undefined,
  headers: { "Content-Type": "integration.response.header.Content-Type" },
});
// Customer first: Connect dials; who picks up goes to the queue.
await createMethod(calls, "POST", {
  uri: integration("connect", "path/contact/outbound-voice"),
  integrationHttpMethod: "PUT",
  takesCall: true,
  template: `#set($body = $input.path('$'))
{
  "InstanceId": "${InstanceId}",
  "ContactFlowId": "${toAgent}",
  "QueueId": "${queue.Id}",
  "SourcePhoneNumber": "+12065550000",
  "DestinationPhoneNumber": "$body.phone",
  "ClientToken": "$context.requestId",
  "Attributes": { "name": "$util.escapeJavaScript("$!body.name").replaceAll("\\\\'", "'")" }
}`,
  answer: `{ "contactId": $input.json('$.ContactId'), "first": "customer" }`,
});
// Agent first: a task in the same queue; whoever accepts it dials.
await createMethod(agentFirst, "POST", {
  uri: integration("connect", "path/contact/task"),
  integrationHttpMethod: "PUT",
  takesCall: true,
  template: `#set($body = $input.path('$'))
{
  "InstanceId": "${InstanceId}",
  "ContactFlowId": "${toAgent}",
  "Name": "Call $body.phone",
  "ClientToken": "$context.requestId",
  "Attributes": { "phone": "$body.phone" }
}`,
  answer: `{ "contactId": $input.json('$.ContactId'), "first": "agent" }`,
});
// How a call is doing.
await createMethod(oneCall, "GET", {
  uri: integration("connect", `path/contacts/${InstanceId}/{contact}`),
  integrationHttpMethod: "GET",
  parameters: { "integration.request.path.contact": "method.request.path.id" },
  declares: { "method.request.path.id": true },
  answer: `#set($contact = $input.path('$.Contact'))
{
  "id": "$contact.Id",
  "initiationMethod": "$contact.InitiationMethod",
  "state": #if("$!contact.DisconnectTimestamp" != "")"ended"#elseif("$!contact.AgentInfo.ConnectedToAgentTimestamp" != "")"with an agent"#elseif("$!contact.QueueInfo.EnqueueTimestamp" != "")"waiting for an agent"#else"ringing"#end

}`,
});
// Whether an agent is free decides what becomes of it: logic, so a function.
await createProxy(await createResource(root.id, "callbacks"), "POST", callbacks, true);
// Names and states come from two operations, so a function here too.
await createProxy(await createResource(root.id, "agent-status"), "GET", agentStatus);
await createMethod(await createResource(root.id, "queue-metrics"), "GET", {
  uri: integration("connect", `path/metrics/current/${InstanceId}`),
  integrationHttpMethod: "POST",
  template: JSON.stringify({
    Filters: { Queues: [queue.Id], Channels: ["VOICE"] },
    Groupings: ["QUEUE"],
    CurrentMetrics: [
      { Name: "CONTACTS_IN_QUEUE", Unit: "COUNT" },
      { Name: "AGENTS_AVAILABLE", Unit: "COUNT" },
      { Name: "OLDEST_CONTACT_AGE", Unit: "SECONDS" },
    ],
  }),
  answer: `{#foreach($figure in $input.path('$.MetricResults[0].Collections'))
  "$figure.Metric.Name": $figure.Value#if($foreach.hasNext),#end
#end}`,
});
await createMethod(await createResource(root.id, "users"), "GET", {
  uri: integration("connect", `path/users-summary/${InstanceId}`),
  integrationHttpMethod: "GET",
  answer: `[#foreach($user in $input.path('$.UserSummaryList'))
  { "id": "$user.Id", "username": "$user.Username" }#if($foreach.hasNext),#end
#end]`,
});
await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: "live" }));

async function createResource(parentId, pathPart) {
  return (await gateway.send(new CreateResourceCommand({ restApiId, parentId, pathPart }))).id;
}

function integration(service, path) {
  return `arn:aws:apigateway:${region}:${service}:${path}`;
}

/** A method that goes straight into a service, with what it sends there and what it makes of the answer. */
async function createMethod(resourceId, httpMethod, method) {
  const { uri, integrationHttpMethod, template, answer, takesCall, parameters, declares, headers = {} } = method;
  const of = { restApiId, resourceId, httpMethod };
  await gateway.send(
    new PutMethodCommand({
      ...of,
      authorizationType: "NONE",
      ...(takesCall && { requestModels: { "application/json": "Call" }, requestValidatorId }),
      ...(declares && { requestParameters: declares }),
    }),
  );
  await gateway.send(
    new PutIntegrationCommand({
      ...of,
      type: "AWS",
      uri,
      integrationHttpMethod,
      credentials: apiRole,
      passthroughBehavior: "WHEN_NO_TEMPLATES",
      requestParameters: {
        ...parameters,
        ...(template && { "integration.request.header.Content-Type": "'application/json'" }),
      },
      ...(template && { requestTemplates: { "application/json": template } }),
    }),
  );
  const answers = [
    { statusCode: "200", selectionPattern: undefined, template: answer },
    { statusCode: "400", selectionPattern: "4\\d{2}", template: `{ "message": "The call cannot be made as asked" }` },
    { statusCode: "502", selectionPattern: "5\\d{2}", template: `{ "message": "The contact centre did not answer" }` },
  ];
  for (const { statusCode, selectionPattern, template: body } of answers) {
    const passed = statusCode === "200" ? headers : {};
    const names = Object.keys(passed).map((header) => `method.response.header.${header}`);
    const responseParameters = Object.fromEntries(names.map((header) => [header, false]));
    await gateway.send(new PutMethodResponseCommand({ ...of, statusCode, responseParameters }));
    await gateway.send(
      new PutIntegrationResponseCommand({
        ...of,
        statusCode,
        selectionPattern,
        responseParameters: Object.fromEntries(
          Object.entries(passed).map(([header, from]) => [`method.response.header.${header}`, from]),
        ),
        ...(body && { responseTemplates: { "application/json": body } }),
      }),
    );
  }
}

/** A method that a function answers, which the function's policy lets it. */
async function createProxy(resourceId, httpMethod, functionArn, takesCall = false) {
  const of = { restApiId, resourceId, httpMethod };
  await gateway.send(
    new PutMethodCommand({
      ...of,
      authorizationType: "NONE",
      ...(takesCall && { requestModels: { "application/json": "Call" }, requestValidatorId }),
    }),
  );
  await gateway.send(
    new PutIntegrationCommand({
      ...of,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: integration("lambda", `path/2015-03-31/functions/${functionArn}/invocations`),
    }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: functionArn,
      StatementId: "api",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: `arn:aws:execute-api:${region}:${account}:${restApiId}/*`,
    }),
  );
}

const { port } = new URL(endpoint);
// A browser finds each API under a host of its own, so that its page has an origin of its own; what cannot look such names up calls by path.
console.log(`page      http://${restApiId}.execute-api.localhost:${port}/live/`);
console.log(`API       ${endpoint}/_aws/execute-api/${restApiId}/live/`);
console.log(`instance  ${InstanceId}`);
console.log(`queue     ${queue.Id}`);
console.log(`records   s3://${bucket}/contact-records/`);
console.log(`agents    node examples/click-to-call/agents.mjs ${InstanceId}`);
