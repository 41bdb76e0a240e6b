import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  LambdaClient,
  PublishVersionCommand,
} from "@aws-sdk/client-lambda";
import { createFunction, createRole, zipOf } from "./lambda-world.ts";
import type { As } from "./model-call.ts";

/**
 * A function with a version, an alias, a policy, tags and a mapping, that answers at once; and values by which generated requests reach it.
 * `EventSourceArn`: a stream that there is.
 */
export async function populateFunctions(
  url: string,
  name: string,
  as: As,
  { secret, EventSourceArn }: { readonly secret: string; readonly EventSourceArn: string },
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const { accessKeyId = "test", region = "us-east-1" } = as;
  const credentials = { accessKeyId, secretAccessKey: accessKeyId };
  const client = { endpoint: url, region, credentials, maxAttempts: 1 };
  const Role = await createRole(client, `${name}-functions-${region}`, ["kinesis:*"]);
  const Tags = { note: secret };
  const Environment = { Variables: { NOTE: secret } };
  const source = "export const handler = async () => 1;";
  const { FunctionArn } = await createFunction(client, source, { FunctionName: name, Role, Tags, Environment });
  const lambda = new LambdaClient(client);
  await lambda.send(new PublishVersionCommand({ FunctionName: name }));
  await lambda.send(new CreateAliasCommand({ FunctionName: name, Name: "live", FunctionVersion: "1" }));
  const permission = { StatementId: "bus", Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" };
  await lambda.send(new AddPermissionCommand({ FunctionName: name, ...permission }));
  const mapping = { FunctionName: name, EventSourceArn, StartingPosition: "TRIM_HORIZON", Enabled: false } as const;
  const { UUID } = await lambda.send(new CreateEventSourceMappingCommand(mapping));
  return {
    UUID: [UUID],
    EventSourceArn: [EventSourceArn],
    StartingPosition: ["TRIM_HORIZON"],
    FunctionName: [name, FunctionArn],
    Role: [Role],
    Runtime: ["nodejs24.x"],
    Handler: ["index.handler"],
    Code: [{ ZipFile: await zipOf({ "index.mjs": source }) }],
    Qualifier: ["1", "live"],
    Name: ["live"],
    FunctionVersion: ["1"],
    StatementId: ["bus"],
    Action: [permission.Action],
    Principal: [permission.Principal],
    Resource: [FunctionArn],
    TagKeys: [["note"]],
    ReservedConcurrentExecutions: [1],
    Payload: [Buffer.from("{}")],
    InvokeArgs: [Buffer.from("{}")],
    MaximumRetryAttempts: [1],
  };
}
