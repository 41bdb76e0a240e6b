/** Flows that ask functions. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateLambdaFunctionCommand,
  CreateContactFlowCommand,
  DescribeInstanceCommand,
  DisassociateLambdaFunctionCommand,
  GetContactAttributesCommand,
  ListLambdaFunctionsCommand,
} from "@aws-sdk/client-connect";
import { AddPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { openCentre } from "./contact-centre.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
after(() => connect.destroy());
const lambda = new LambdaClient(client);
const sqs = new SQSClient(client);
const Role = await createRole(client, "flows", ["sqs:*"]);
const { QueueUrl: SEEN = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "seen" }));

const SOURCE = `
  import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
  const sqs = new SQSClient();
  export const handler = async (event) => {
    const { ask } = event.Details.Parameters;
    if (ask === "event") return { name: event.Name, channel: event.Details.ContactData.Channel };
    if (ask === "nested") return { list: [{ id: "first" }], deep: { er: 7 } };
    if (ask === "wrong") return { number: 7 };
    if (ask === "throw") throw new Error("no");
    if (ask === "slow") await new Promise((done) => setTimeout(done, 10_000));
    if (ask === "later") await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody: JSON.stringify(event) }));
    return {};
  };`;
const created = await createFunction(client, SOURCE, {
  FunctionName: "lookup",
  Role,
  Timeout: 15,
  Environment: { Variables: { SEEN } },
});
const FUNCTION_ARN = String(created.FunctionArn);

/** What a flow makes of a function's answer: the attribute `way`, and `found` where a reference was given. */
async function ask(
  parameter: string,
  { found = "none", ...more }: { readonly found?: string; readonly [parameter: string]: unknown } = {},
): Promise<{ readonly [name: string]: string }> {
  const set = (Identifier: string, Attributes: object): object => ({
    Identifier,
    Type: "UpdateContactAttributes",
    Parameters: { Attributes },
    Transitions: { NextAction: "bye", Errors: [{ ErrorType: "NoMatchingError", NextAction: "bye" }], Conditions: [] },
  });
  const Content = JSON.stringify({
    Version: "2019-10-30",
    StartAction: "ask",
    Actions: [
      {
        Identifier: "ask",
        Type: "InvokeLambdaFunction",
        Parameters: {
          LambdaFunctionARN: FUNCTION_ARN,
          InvocationTimeLimitSeconds: "8",
          LambdaInvocationAttributes: { ask: parameter },
          ...more,
        },
        Transitions: {
          NextAction: "well",
          Errors: [{ ErrorType: "NoMatchingError", NextAction: "failed" }],
          Conditions: [],
        },
      },
      set("well", { way: "well", found }),
      set("failed", { way: "failed" }),
      { Identifier: "bye", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
    ],
  });
  const Name = `${parameter} ${found} ${JSON.stringify(more)}`;
  const flow = await connect.send(new CreateContactFlowCommand({ InstanceId, Name, Type: "CONTACT_FLOW", Content }));
  const InitialContactId = await centre.arrive({ channel: "VOICE", contactFlowId: flow.ContactFlowId });
  await server.advance("PT0S");
  const answer = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId }));
  return answer.Attributes ?? {};
}

test("without a policy or an association an instance may not invoke a function", async () => {
  assert.deepEqual(await ask("event"), { way: "failed" });
});

test("functions are associated with an instance, listed and disassociated", async () => {
  const association = { InstanceId, FunctionArn: FUNCTION_ARN };
  const list = async (): Promise<unknown> =>
    (await connect.send(new ListLambdaFunctionsCommand({ InstanceId }))).LambdaFunctions;
  await connect.send(new AssociateLambdaFunctionCommand(association));
  assert.deepEqual(await list(), [FUNCTION_ARN]);
  await assert.rejects(connect.send(new AssociateLambdaFunctionCommand(association)), {
    name: "ResourceConflictException",
  });
  assert.equal((await ask("associated")).way, "well");
  await connect.send(new DisassociateLambdaFunctionCommand(association));
  assert.deepEqual(await list(), []);
  await assert.rejects(connect.send(new DisassociateLambdaFunctionCommand(association)), {
    name: "ResourceNotFoundException",
  });
  assert.equal((await ask("disassociated")).way, "failed");
});

test("with a policy that names the instance, flows go on with what the function answers", async () => {
  const { Instance } = await connect.send(new DescribeInstanceCommand({ InstanceId }));
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "lookup",
      StatementId: "connect",
      Action: "lambda:InvokeFunction",
      Principal: "connect.amazonaws.com",
      SourceArn: Instance?.Arn,
    }),
  );
  assert.deepEqual(await ask("event", { found: "$.External.name of $.External.channel" }), {
    way: "well",
    found: "ContactFlowEvent of VOICE",
  });
  const json = { ResponseValidation: { ResponseType: "JSON" } };
  assert.equal((await ask("nested", { ...json, found: "$.External.list[0].id $.External.deep.er" })).found, "first 7");
});

test("an answer of the wrong form, an error and a function that takes too long take the error branch", async () => {
  for (const what of ["nested", "wrong", "throw"]) assert.deepEqual(await ask(what), { way: "failed" }, what);
  assert.deepEqual(await ask("slow", { InvocationTimeLimitSeconds: "1" }), { way: "failed" });
});

test("an asynchronous invocation is not waited for", async () => {
  const asked = await ask("later", { InvocationType: "ASYNCHRONOUS" });
  assert.equal(asked.way, "well");
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: SEEN, WaitTimeSeconds: 20 }));
  const { Details } = JSON.parse(String(Messages[0]?.Body));
  assert.equal(Details.ContactData.InitiationMethod, "INBOUND");
  assert.deepEqual(Details.Parameters, { ask: "later" });
});
