/** No account acts as a role of another one, though that role trusts the service. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { APIGatewayClient, CreateDeploymentCommand, ImportRestApiCommand } from "@aws-sdk/client-api-gateway";
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const sqs = new SQSClient(server.client);
const foreign = server.clientOf("other");
const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "mail" }));

/** A role of the first account, which trusts a service and may do everything. */
async function trustingRole(name: string, service: string): Promise<string> {
  const iam = new IAMClient(server.client);
  const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy(trust) }));
  const PolicyDocument = policy({ Effect: "Allow", Action: "*", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "may", PolicyDocument }));
  return Role?.Arn ?? "";
}

async function received(): Promise<readonly (string | undefined)[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  return Messages.map(({ Body }) => Body);
}

test("an HTTP API does not", async () => {
  const v2 = new ApiGatewayV2Client(foreign);
  const { ApiId } = await v2.send(new CreateApiCommand({ Name: "thief", ProtocolType: "HTTP" }));
  const { IntegrationId } = await v2.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationSubtype: "SQS-SendMessage",
      PayloadFormatVersion: "1.0",
      CredentialsArn: await trustingRole("gateway", "apigateway.amazonaws.com"),
      RequestParameters: { QueueUrl, MessageBody: "stolen" },
    }),
  );
  await v2.send(new CreateRouteCommand({ ApiId, RouteKey: "POST /", Target: `integrations/${IntegrationId}` }));
  await v2.send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  const answer = await fetch(`${server.url}/_aws/execute-api/${ApiId}/`, { method: "POST" });
  assert.equal(answer.status, 500);
  assert.deepEqual(await received(), []);
});

test("a rule that calls an API which acts as its caller does not", async () => {
  const gateway = new APIGatewayClient(foreign);
  const document = {
    openapi: "3.0.1",
    info: { title: "thief", version: "1" },
    paths: {
      "/": {
        post: {
          responses: { 200: { description: "ok" } },
          security: [{ sigv4: [] }],
          "x-amazon-apigateway-integration": {
            type: "aws",
            httpMethod: "POST",
            uri: "arn:aws:apigateway:us-east-1:sqs:path/000000000000/mail",
            credentials: "arn:aws:iam::*:user/*",
            requestParameters: {
              "integration.request.querystring.Action": "'SendMessage'",
              "integration.request.querystring.MessageBody": "'stolen'",
            },
            responses: { default: { statusCode: "200" } },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        sigv4: { type: "apiKey", name: "Authorization", in: "header", "x-amazon-apigateway-authtype": "awsSigv4" },
      },
    },
  };
  const { id: restApiId = "" } = await gateway.send(
    new ImportRestApiCommand({ body: Buffer.from(JSON.stringify(document)) }),
  );
  await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: "dev" }));
  const events = new EventBridgeClient(foreign);
  await events.send(new PutRuleCommand({ Name: "r", EventPattern: '{"source":["a"]}' }));
  const RoleArn = await trustingRole("events", "events.amazonaws.com");
  const Arn = `arn:aws:execute-api:us-east-1:111122223333:${restApiId}/dev/POST/`;
  await events.send(new PutTargetsCommand({ Rule: "r", Targets: [{ Id: "1", Arn, RoleArn }] }));
  await events.send(new PutEventsCommand({ Entries: [{ Source: "a", DetailType: "b", Detail: "{}" }] }));
  await server.advance("PT0S");
  assert.deepEqual(await received(), []);
});
