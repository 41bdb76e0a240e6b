import assert from "node:assert/strict";
import test from "node:test";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  type PutIntegrationCommandInput,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  TestInvokeMethodCommand,
} from "@aws-sdk/client-api-gateway";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { openCentre } from "./contact-centre.ts";
import { deployHttpApi, deployRestApi } from "./deployed-api.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();
const gateway = new APIGatewayClient(server.client);
const centre = await openCentre(server);

const role = await gatewayRole("calls", [
  "connect:*",
  "kinesis:*",
  "events:*",
  "sqs:*",
  "s3:*",
  "profile:*",
  "states:*",
]);
const powerless = await gatewayRole("powerless", ["sqs:ListQueues"]);

/** An API of the kind that a website puts in front of its contact centre. */
const { id: restApiId = "" } = await gateway.send(new CreateRestApiCommand({ name: "click-to-call" }));
const { items = [] } = await gateway.send(new GetResourcesCommand({ restApiId }));
const rootId = items[0]?.id ?? "";
const json = "application/json";

async function addMethod(
  path: string,
  httpMethod: string,
  integration: Omit<PutIntegrationCommandInput, "restApiId" | "resourceId" | "httpMethod">,
  template?: string,
): Promise<void> {
  const { id: resourceId } = await gateway.send(
    new CreateResourceCommand({ restApiId, parentId: rootId, pathPart: path }),
  );
  const method = { restApiId, resourceId, httpMethod };
  const declared = Object.values(integration.requestParameters ?? {}).filter((one) =>
    one.startsWith("method.request."),
  );
  const requestParameters = Object.fromEntries(declared.map((one) => [one, false]));
  await gateway.send(new PutMethodCommand({ ...method, authorizationType: "NONE", requestParameters }));
  await gateway.send(new PutIntegrationCommand({ ...method, ...integration }));
  for (const [statusCode, selectionPattern] of [["200"], ["400", "4\\d\\d"]]) {
    await gateway.send(new PutMethodResponseCommand({ ...method, statusCode }));
    await gateway.send(
      new PutIntegrationResponseCommand({
        ...method,
        statusCode,
        selectionPattern,
        ...(template !== undefined && statusCode === "200" && { responseTemplates: { [json]: template } }),
      }),
    );
  }
}

const uri = (rest: string): string => `arn:aws:apigateway:us-east-1:${rest}`;
const aws = { type: "AWS", integrationHttpMethod: "POST", credentials: role } as const;

await addMethod(
  "outbound-calls",
  "POST",
  {
    ...aws,
    integrationHttpMethod: "PUT",
    uri: uri("connect:path/contact/outbound-voice"),
    requestTemplates: {
      [json]: `#set($to = $input.path('$.to'))
{"DestinationPhoneNumber": "$util.escapeJavaScript($to)", "InstanceId": "${centre.InstanceId}",
 "ContactFlowId": "${centre.flowId}", "QueueId": "${centre.queueId}",
 "Attributes": {#foreach($key in $input.path('$.about').keySet())"$key": "$input.path('$.about').get($key)"#if($foreach.hasNext),#end#end}}`,
    },
  },
  `{"id": "$input.path('$.ContactId')"}`,
);
await addMethod(
  "queue-metrics",
  "GET",
  {
    ...aws,
    uri: uri(`connect:path/metrics/current/${centre.InstanceId}`),
    requestTemplates: {
      [json]: `{"Filters": {"Queues": ["$input.params('queue')"], "Channels": ["VOICE"]}, "CurrentMetrics": [{"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}]}`,
    },
    requestParameters: { "integration.request.header.Content-Type": "'application/json'" },
  },
  `{"waiting": $input.json('$.MetricResults[0].Collections[0].Value')}`,
);
await addMethod("records", "POST", {
  ...aws,
  uri: uri("kinesis:action/PutRecord"),
  requestTemplates: {
    [json]: `{"StreamName": "clicks", "PartitionKey": "$context.requestId", "Data": "$util.base64Encode($input.json('$'))"}`,
  },
});
await addMethod("powerless", "POST", {
  ...aws,
  credentials: powerless,
  uri: uri("kinesis:action/PutRecord"),
  requestTemplates: { [json]: `{"StreamName": "clicks", "PartitionKey": "a", "Data": "YQ=="}` },
});
await addMethod("events", "POST", {
  ...aws,
  uri: uri("events:action/PutEvents"),
  requestTemplates: {
    [json]: `#set($context.requestOverride.header.X-Amz-Target = "AWSEvents.PutEvents")
#set($context.requestOverride.header.Content-Type = "application/x-amz-json-1.1")
{"Entries": [{"Source": "website", "DetailType": "click", "Detail": "$util.escapeJavaScript($input.json('$'))"}]}`,
  },
});
await addMethod("messages", "POST", {
  ...aws,
  uri: uri("sqs:path/000000000000/clicks"),
  requestParameters: { "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'" },
  requestTemplates: { [json]: "Action=SendMessage&MessageBody=$util.urlEncode($input.body)" },
});
await addMethod("objects", "PUT", {
  ...aws,
  integrationHttpMethod: "PUT",
  uri: uri("s3:path/clicks/{key}"),
  requestParameters: { "integration.request.path.key": "method.request.querystring.key" },
});
await addMethod("workflows", "POST", { ...aws, uri: uri("states:action/StartExecution") });
await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: "prod" }));

const url = `${server.url}/_aws/execute-api/${restApiId}/prod`;

function post(path: string, body: object, method = "POST"): Promise<Response> {
  return fetch(`${url}/${path}`, { method, body: JSON.stringify(body), headers: { "content-type": json } });
}

async function gatewayRole(name: string, actions: readonly string[]): Promise<string> {
  const iam = new IAMClient(server.client);
  const trust = { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    }),
  );
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "p", PolicyDocument: JSON.stringify(policy) }));
  return Role?.Arn ?? "";
}

test("a website's button starts a call", async () => {
  const answer = await post("outbound-calls", { to: "+442079460100", about: { page: "/prices", plan: "gold" } });
  const body = (await answer.json()) as { id: string };
  assert.equal(answer.status, 200, JSON.stringify(body));
  const contact = await centre.describe(body.id);
  assert.equal(contact.InitiationMethod, "API");
});

test("what the service refuses is its own answer, by the pattern for it", async () => {
  const answer = await post("outbound-calls", { to: "nobody", about: {} });
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /message/i);
});

test("a website shows how many wait", async () => {
  const answer = await fetch(`${url}/queue-metrics?queue=${centre.queueId}`);
  const body = await answer.text();
  assert.equal(answer.status, 200, body);
  assert.match(body, /^\{"waiting": .*\}$/);
});

test("records, events, messages and objects go where integrations send them", async () => {
  const kinesis = new KinesisClient(server.client);
  const stream = await createStream(kinesis, "clicks");
  const sqs = new SQSClient(server.client);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "clicks" }));
  const { QueueUrl: told } = await sqs.send(new CreateQueueCommand({ QueueName: "told" }));
  const events = new EventBridgeClient(server.client);
  await events.send(new PutRuleCommand({ Name: "clicks", EventPattern: '{"source": ["website"]}' }));
  await events.send(
    new PutTargetsCommand({ Rule: "clicks", Targets: [{ Id: "q", Arn: "arn:aws:sqs:us-east-1:000000000000:told" }] }),
  );
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "clicks" }));

  for (const [path, method] of [["records"], ["events"], ["messages"], ["objects?key=a/b", "PUT"]] as const) {
    const answer = await post(path, { a: "x&y" }, method);
    assert.equal(answer.status, 200, `${path}: ${await answer.text()}`);
  }
  const records = await readStream(kinesis, stream);
  assert.deepEqual(records, [{ a: "x&y" }]);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.deepEqual(JSON.parse(Messages?.[0]?.Body ?? ""), { a: "x&y" });
  await server.advance("PT1S");
  const { Messages: bus } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: told }));
  assert.deepEqual(JSON.parse(bus?.[0]?.Body ?? "{}").detail, { a: "x&y" });
  const object = await s3.send(new GetObjectCommand({ Bucket: "clicks", Key: "a/b" }));
  assert.deepEqual(JSON.parse((await object.Body?.transformToString()) ?? ""), { a: "x&y" });
});

test("a method is tried before it is deployed, and tells each step", async () => {
  const { items: all = [] } = await gateway.send(new GetResourcesCommand({ restApiId, limit: 500 }));
  const resourceId = all.find(({ path }) => path === "/queue-metrics")?.id;
  const tried = await gateway.send(
    new TestInvokeMethodCommand({
      restApiId,
      resourceId,
      httpMethod: "GET",
      pathWithQueryString: `/queue-metrics?queue=${centre.queueId}`,
    }),
  );
  assert.equal(tried.status, 200, tried.log);
  assert.match(tried.body ?? "", /^\{"waiting": /);
  assert.match(tried.log ?? "", /HTTP Method: GET, Resource Path: \/queue-metrics/);
  assert.match(tried.log ?? "", /Method completed with status: 200/);
  await assert.rejects(
    gateway.send(new TestInvokeMethodCommand({ restApiId, resourceId: "none00", httpMethod: "GET" })),
    { name: "NotFoundException" },
  );
  await assert.rejects(gateway.send(new TestInvokeMethodCommand({ restApiId, resourceId, httpMethod: "PUT" })), {
    name: "NotFoundException",
  });
});

test("a rule of a bus calls a method", async () => {
  const events = new EventBridgeClient(server.client);
  const arn = `arn:aws:execute-api:us-east-1:000000000000:${restApiId}/prod/POST/messages`;
  await events.send(new PutRuleCommand({ Name: "calls", EventPattern: '{"source": ["call-me"]}' }));
  await events.send(
    new PutTargetsCommand({ Rule: "calls", Targets: [{ Id: "api", Arn: arn, InputPath: "$.detail" }] }),
  );
  await events.send(
    new PutEventsCommand({ Entries: [{ Source: "call-me", DetailType: "t", Detail: '{"by": "rule"}' }] }),
  );
  await server.advance("PT1S");
  const sqs = new SQSClient(server.client);
  const QueueUrl = `${server.url}/000000000000/clicks`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  assert.ok(
    Messages?.some(({ Body }) => Body === '{"by":"rule"}'),
    JSON.stringify(Messages),
  );
});

test("an integration may do what its role may, and no more", async () => {
  const answer = await post("powerless", {});
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /AccessDenied/);
});

test("an integration acts as who calls, with what they may do", async () => {
  const integration = {
    type: "AWS",
    httpMethod: "POST",
    credentials: "arn:aws:iam::*:user/*",
    uri: uri("kinesis:action/PutRecord"),
    requestTemplates: { [json]: `{"StreamName": "clicks", "PartitionKey": "a", "Data": "e30="}` },
    integrationResponses: { 200: { statusCode: "200" } },
  } as const;
  await deployRestApi(server, {
    apiId: "ca12cd34ef",
    methods: { "POST /a": { authorizationType: "AWS_IAM", methodIntegration: integration } },
  });
  const path = "/_aws/execute-api/ca12cd34ef/dev/a";
  const headers = { "content-type": json };
  const answer = await sendSigned(server.url, { service: "execute-api", path, headers, body: "{}" });
  assert.equal(answer.status, 200, answer.body.toString());
  assert.match(answer.body.toString(), /SequenceNumber/);
});

test("HTTP APIs call services without a template", async () => {
  const of = (IntegrationSubtype: string, RequestParameters: Record<string, string>) => ({
    integration: { IntegrationType: "AWS_PROXY", IntegrationSubtype, RequestParameters, CredentialsArn: role } as const,
  });
  const QueueUrl = `${server.url}/000000000000/clicks`;
  const httpUrl = await deployHttpApi(server, {
    routes: {
      "POST /bus": of("EventBridge-PutEvents", { Source: "shop", DetailType: "sale", Detail: "$request.body" }),
      "POST /queue": of("SQS-SendMessage", { QueueUrl, MessageBody: "$request.body.text", DelaySeconds: "0" }),
      "POST /stream": of("Kinesis-PutRecord", {
        StreamName: "clicks",
        Data: "$request.body",
        PartitionKey: "${context.requestId}",
      }),
      "POST /wrong": of("Kinesis-PutRecord", { StreamName: "none", Data: "a", PartitionKey: "a" }),
    },
  });
  const send = async (path: string): Promise<Record<string, unknown>> => {
    const body = '{"text": "sold"}';
    const answer = await fetch(`${httpUrl}/${path}`, { method: "POST", body, headers: { "content-type": json } });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  assert.equal((await send("bus")).FailedEntryCount, 0);
  assert.ok((await send("queue")).MessageId);
  assert.ok((await send("stream")).SequenceNumber);
  const wrong = await send("wrong");
  assert.deepEqual([wrong.status, wrong.__type], [400, "ResourceNotFoundException"]);
});

test("a service that is not built is named", async () => {
  const answer = await post("workflows", {});
  assert.equal(answer.status, 501);
  assert.match(await answer.text(), /states/);
});
