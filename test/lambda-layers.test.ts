import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddLayerVersionPermissionCommand,
  DeleteLayerVersionCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  LambdaClient,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type PublishLayerVersionCommandInput,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { createFunction, createRole, invoke, zipOf } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const other = new LambdaClient({ ...client, credentials: { accessKeyId: "other", secretAccessKey: "other" } });
const role = await createRole(client, "functions");

async function publish(
  LayerName: string,
  files: Readonly<Record<string, string>>,
  more: Partial<PublishLayerVersionCommandInput> = {},
): Promise<string> {
  const Content = { ZipFile: await zipOf(files) };
  const { LayerVersionArn } = await lambda.send(new PublishLayerVersionCommand({ LayerName, Content, ...more }));
  return LayerVersionArn as string;
}

const ARN = "arn:aws:lambda:us-east-1:000000000000:layer";

test("a function finds what its layers bring, the later one's where both have it", async () => {
  const first = await publish("greetings", {
    "nodejs/node_modules/greeting/index.js": "exports.text = 'first';",
    "nodejs/node_modules/only-first/index.js": "exports.text = 'only';",
    "bin/tool": "#!/bin/sh\necho tool\n",
  });
  const second = await publish("more", { "nodejs/node_modules/greeting/index.js": "exports.text = 'second';" });
  await createFunction(
    client,
    `import greeting from "greeting";
     import { createRequire } from "node:module";
     import { existsSync } from "node:fs";
     const require = createRequire(import.meta.url);
     export const handler = () => ({
       greeting: greeting.text,
       only: require("only-first").text,
       tool: process.env.PATH.split(":").some((folder) => existsSync(folder + "/tool")),
     });`,
    { FunctionName: "layered", Role: role, Layers: [first, second] },
  );
  assert.deepEqual((await invoke(client, "layered")).answer, { greeting: "second", only: "only", tool: true });
  const { Layers } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "layered" }));
  assert.deepEqual(
    Layers?.map(({ Arn }) => Arn),
    [first, second],
  );

  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "layered", Layers: [second, first] }));
  assert.deepEqual((await invoke(client, "layered")).answer, { greeting: "first", only: "only", tool: true });

  // What is deleted is not to be used anew, and stays for those who have it.
  await lambda.send(new DeleteLayerVersionCommand({ LayerName: "greetings", VersionNumber: 1 }));
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "layered", Timeout: 4 }));
  assert.deepEqual((await invoke(client, "layered")).answer, { greeting: "first", only: "only", tool: true });
  await assert.rejects(
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "layered", Layers: [first] })),
    { name: "InvalidParameterValueException", message: `Layer version ${first} does not exist.` },
  );
});

test("Python finds what a layer brings", async () => {
  const layer = await publish("python-things", { "python/things.py": "TEXT = 'from the layer'" });
  await createFunction(
    client,
    { "index.py": "import things\ndef handler(event, context):\n    return things.TEXT" },
    { FunctionName: "snake", Role: role, Runtime: "python3.12", Layers: [layer] },
  );
  assert.equal((await invoke(client, "snake")).answer, "from the layer");
});

test("versions of a layer count up, are listed newest first, and are found by what they go with", async () => {
  const node = { CompatibleRuntimes: ["nodejs24.x" as const], Description: "one", LicenseInfo: "MIT" };
  await publish("counted", { a: "1" }, node);
  await publish("counted", { a: "2" }, { CompatibleRuntimes: ["python3.12"], CompatibleArchitectures: ["arm64"] });
  const { LayerVersions, NextMarker } = await lambda.send(
    new ListLayerVersionsCommand({ LayerName: "counted", MaxItems: 1 }),
  );
  assert.deepEqual(
    LayerVersions?.map(({ Version }) => Version),
    [2],
  );
  const rest = await lambda.send(new ListLayerVersionsCommand({ LayerName: "counted", Marker: NextMarker }));
  const [one] = rest.LayerVersions ?? [];
  assert.deepEqual(one, {
    LayerVersionArn: `${ARN}:counted:1`,
    Version: 1,
    Description: "one",
    CreatedDate: one?.CreatedDate,
    CompatibleRuntimes: ["nodejs24.x"],
    LicenseInfo: "MIT",
  });
  const { Layers } = await lambda.send(new ListLayersCommand({ CompatibleRuntime: "nodejs24.x" }));
  assert.deepEqual(
    Layers?.map(({ LayerName, LatestMatchingVersion }) => [LayerName, LatestMatchingVersion?.Version]),
    [["counted", 1]],
  );
  const got = await lambda.send(new GetLayerVersionByArnCommand({ Arn: `${ARN}:counted:2` }));
  assert.equal(got.LayerArn, `${ARN}:counted`);
  const zip = Buffer.from(await (await fetch(got.Content?.Location as string)).arrayBuffer());
  assert.equal(zip.length, got.Content?.CodeSize);

  await lambda.send(new DeleteLayerVersionCommand({ LayerName: "counted", VersionNumber: 2 }));
  await assert.rejects(lambda.send(new GetLayerVersionCommand({ LayerName: "counted", VersionNumber: 2 })), {
    name: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  });
  assert.equal(await publish("counted", { a: "3" }), `${ARN}:counted:3`);
  await assert.rejects(lambda.send(new GetLayerVersionCommand({ LayerName: "counted", VersionNumber: 0 })), {
    name: "InvalidParameterValueException",
    message: "Layer Version Cannot be less than 1",
  });
});

test("another account uses a layer version where its policy says so", async () => {
  const arn = await publish("shared", { a: "1" });
  const get = new GetLayerVersionByArnCommand({ Arn: arn });
  await assert.rejects(other.send(get), { name: "AccessDeniedException" });
  const named = { LayerName: "shared", VersionNumber: 1 };
  await assert.rejects(lambda.send(new GetLayerVersionPolicyCommand(named)), {
    name: "ResourceNotFoundException",
    message: "No policy is associated with the given resource.",
  });
  const add = new AddLayerVersionPermissionCommand({
    ...named,
    StatementId: "them",
    Action: "lambda:GetLayerVersion",
    Principal: "111122223333",
  });
  const { Statement } = await lambda.send(add);
  assert.deepEqual(JSON.parse(Statement as string), {
    Sid: "them",
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::111122223333:root" },
    Action: "lambda:GetLayerVersion",
    Resource: arn,
  });
  await assert.rejects(lambda.send(add), { name: "ResourceConflictException" });
  assert.equal((await other.send(get)).LayerVersionArn, arn);
  await lambda.send(new RemoveLayerVersionPermissionCommand({ ...named, StatementId: "them" }));
  await assert.rejects(other.send(get), { name: "AccessDeniedException" });
});

test("layers that cannot be together, or are not there, are refused", async () => {
  const [one, two] = [await publish("twice", { a: "1" }), await publish("twice", { a: "2" })];
  const input = { FunctionName: "refused", Role: role };
  const source = "export const handler = () => 1;";
  await assert.rejects(createFunction(client, source, { ...input, Layers: [one, two] }), {
    name: "InvalidParameterValueException",
    message: `Two different versions of the same layer are not allowed to be referenced in the same function. ${one} and ${two} are versions of the same layer.`,
  });
  await assert.rejects(createFunction(client, source, { ...input, Layers: [`${ARN}:nowhere:1`] }), {
    name: "InvalidParameterValueException",
    message: `Layer version ${ARN}:nowhere:1 does not exist.`,
  });
});
