/**
 * Calls of deployed APIs: a MOCK, a function behind a proxy integration, and a PutRecord to Kinesis as a service integration, which goes through the
 * front door as a role; against PutRecord asked for directly, which is what the last of them adds to.
 */

import { buffer } from "node:stream/consumers";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  PutIntegrationCommand,
  type PutIntegrationCommandInput,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ZipFile } from "yazl";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";
import { call, load, type SignedRequest, signedCall } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const CONNECTIONS = 64;
/** Each call in flight has a process of its own. */
const FUNCTION_CONNECTIONS = 4;
const DATA = Buffer.alloc(1024, "contact-centre event ").toString("base64");

type Integration = Partial<PutIntegrationCommandInput> & Pick<PutIntegrationCommandInput, "type">;

export async function run(): Promise<void> {
  const direct: Side = { name: "PutRecord, direct", run: () => measured((url) => putRecord(url)) };
  const sides = [
    direct,
    apiSide("MOCK", async () => ({ type: "MOCK", requestTemplates: { "application/json": '{"statusCode": 200}' } })),
    apiSide("AWS_PROXY", proxyIntegration, FUNCTION_CONNECTIONS),
    apiSide("PutRecord, as an integration", kinesisIntegration),
  ];
  const figures = await rounds(sides);
  const floor = median(figures.get(direct.name), "perSecond");
  const ratio = (name: string): number => median(figures.get(name), "perSecond") / floor;
  printTable(`Calls of APIs, ${CONNECTIONS} connections (AWS_PROXY: ${FUNCTION_CONNECTIONS}), durable`, [
    ["", "requests/s", "of PutRecord", "p50 ms", "p99 ms"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      ratio(name).toFixed(2),
      spread(side, "p50Ms", 1),
      spread(side, "p99Ms", 1),
    ]),
  ]);
  printBudget("MOCK against PutRecord", ratio("MOCK"), { atLeast: 0.5 });
  printBudget("PutRecord as an integration against direct", ratio("PutRecord, as an integration"), { atLeast: 0.15 });
}

function apiSide(
  name: string,
  integration: (url: string) => Promise<Integration>,
  connections: number = CONNECTIONS,
): Side {
  return {
    name,
    run: () =>
      measured(async (url) => {
        const path = await deploy(url, await integration(url));
        return { method: "POST", path, headers: { "content-type": "application/json" }, body: Buffer.from('{"a":1}') };
      }, connections),
  };
}

function measured(
  prepare: (url: string) => Promise<SignedRequest>,
  connections: number = CONNECTIONS,
): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    await call(server.url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 4 });
    const request = await prepare(server.url);
    // Processes start at the first calls, which is not what is measured.
    await load(server.url, request, { connections, seconds: 2 });
    const figures = await load(server.url, request, { connections, seconds: SECONDS });
    await server.stop();
    return figures;
  });
}

function putRecord(url: string): Promise<SignedRequest> {
  const input = { StreamName: "bench", PartitionKey: "contact-42", Data: DATA };
  return signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", input);
}

async function kinesisIntegration(url: string): Promise<Integration> {
  return {
    type: "AWS",
    integrationHttpMethod: "POST",
    uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
    credentials: await role(url, "apigateway.amazonaws.com", "kinesis:*"),
    requestTemplates: {
      "application/json": `{"StreamName": "bench", "PartitionKey": "$context.requestId", "Data": "${DATA}"}`,
    },
  };
}

async function proxyIntegration(url: string): Promise<Integration> {
  const lambda = new LambdaClient(clientOf(url));
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from("export const handler = async () => ({ statusCode: 200, body: 'ok' });"), "index.mjs");
  zip.end();
  const { FunctionArn } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "proxy",
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: await role(url, "lambda.amazonaws.com", "logs:*"),
      Code: { ZipFile: await buffer(zip.outputStream as NodeJS.ReadableStream) },
    }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "proxy",
      StatementId: "api",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
    }),
  );
  return {
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FunctionArn}/invocations`,
  };
}

async function role(url: string, service: string, action: string): Promise<string> {
  const iam = new IAMClient(clientOf(url));
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "bench",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    }),
  );
  const allow = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] };
  const PolicyDocument = JSON.stringify(allow);
  await iam.send(new PutRolePolicyCommand({ RoleName: "bench", PolicyName: "may", PolicyDocument }));
  return Role?.Arn ?? "";
}

async function deploy(url: string, integration: Integration): Promise<string> {
  const gateway = new APIGatewayClient(clientOf(url));
  const { id: restApiId, rootResourceId: parentId } = await gateway.send(new CreateRestApiCommand({ name: "bench" }));
  const { id: resourceId } = await gateway.send(new CreateResourceCommand({ restApiId, parentId, pathPart: "a" }));
  const method = { restApiId, resourceId, httpMethod: "POST" };
  await gateway.send(new PutMethodCommand({ ...method, authorizationType: "NONE" }));
  await gateway.send(new PutIntegrationCommand({ ...method, ...integration }));
  await gateway.send(new PutMethodResponseCommand({ ...method, statusCode: "200" }));
  if (integration.type !== "AWS_PROXY")
    await gateway.send(new PutIntegrationResponseCommand({ ...method, statusCode: "200" }));
  await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: "bench" }));
  return `/_aws/execute-api/${restApiId}/bench/a`;
}

function clientOf(endpoint: string): ConstructorParameters<typeof IAMClient>[0] & object {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}
