import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  GetRuntimeManagementConfigCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutRuntimeManagementConfigCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { createFunction, createRole, invoke, zipOf } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const role = await createRole(client, "functions");
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
const answering = (value: unknown) => `export const handler = async () => ${JSON.stringify(value)};`;

test("a function is created with the documented defaults, and is soon active", async () => {
  const given = { FunctionName: "f", Role: role, Tags: { team: "a" }, Timeout: undefined };
  const created = await createFunction(client, answering(1), given);
  const {
    $metadata: _metadata,
    RevisionId,
    LastModified,
    CodeSha256,
    CodeSize,
    ...rest
  } = created as typeof created & { $metadata: unknown };
  assert.match(RevisionId ?? "", /^[0-9a-f-]{36}$/);
  assert.match(LastModified ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  assert.ok(CodeSha256 && CodeSize);
  assert.deepEqual(rest, {
    FunctionName: "f",
    FunctionArn: ARN,
    Runtime: "nodejs24.x",
    Role: role,
    Handler: "index.handler",
    Description: "",
    Timeout: 3,
    MemorySize: 128,
    Version: "$LATEST",
    TracingConfig: { Mode: "PassThrough" },
    State: "Pending",
    StateReason: "The function is being created.",
    StateReasonCode: "Creating",
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    RuntimeVersionConfig: { RuntimeVersionArn: "arn:aws:lambda:us-east-1::runtime:nodejs24-x" },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/f" },
  });
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 5 }, { FunctionName: "f" });
  const got = await lambda.send(new GetFunctionCommand({ FunctionName: ARN }));
  assert.deepEqual(got.Tags, { team: "a" });
  await assert.rejects(createFunction(client, "", { FunctionName: "f", Role: role }), {
    name: "ResourceConflictException",
    message: "Function already exist: f",
  });
});

test("what cannot be a function is refused", async () => {
  const create = (input: object) => createFunction(client, "", { FunctionName: "g", Role: role, ...input });
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [
      { Role: "arn:aws:iam::000000000000:role/nobody" },
      "InvalidParameterValueException",
      /^The role defined for the function cannot be assumed by Lambda\.$/,
    ],
    [
      { Role: "arn:aws:iam::111122223333:role/x" },
      "AccessDeniedException",
      /^Cross-account pass role is not allowed\.$/,
    ],
    [{ Runtime: "java21" }, "InvalidParameterValueException", /^The runtime parameter of java21 is not supported/],
    [{ Runtime: undefined }, "InvalidParameterValueException", /^Runtime and Handler are mandatory/],
    [{ Timeout: 901 }, "InvalidParameterValueException", /less than or equal to 900$/],
    [{ MemorySize: 10_241 }, "InvalidParameterValueException", /less than or equal to 10240$/],
    [{ FunctionName: "g".repeat(65) }, "InvalidParameterValueException", /less than or equal to 64$/],
    [
      { Environment: { Variables: { AWS_REGION: "x" } } },
      "InvalidParameterValueException",
      /Reserved keys used in this request: AWS_REGION$/,
    ],
    [
      { Environment: { Variables: { BIG: "x".repeat(4096) } } },
      "InvalidParameterValueException",
      /exceeded the 4KB limit/,
    ],
    [{ LoggingConfig: { SystemLogLevel: "WARN" } }, "InvalidParameterValueException", /log format to JSON/],
    [
      { Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:none:1"] },
      "InvalidParameterValueException",
      /does not exist\.$/,
    ],
    [{ DeadLetterConfig: { TargetArn: "arn:aws:s3:::b" } }, "InvalidParameterValueException", /dead letter target/],
    [{ Code: {} }, "InvalidParameterValueException", /^Please provide a source for function code\.$/],
    [{ PackageType: "Image" }, "NotImplementedException", /is not built/],
  ];
  const unvalidated = { FunctionName: "g", Role: "no role", Code: {} };
  await assert.rejects(lambda.send(new CreateFunctionCommand(unvalidated)), { name: "ValidationException" });
  for (const [input, name, message] of cases) await assert.rejects(create(input), { name, message });
  assert.equal((await lambda.send(new ListFunctionsCommand({}))).Functions?.length, 1);
});

test("versions stay as they were published, and aliases share calls between two of them", async () => {
  const first = await lambda.send(new PublishVersionCommand({ FunctionName: "f", Description: "one" }));
  assert.deepEqual([first.Version, first.FunctionArn, first.Description], ["1", `${ARN}:1`, "one"]);
  const again = await lambda.send(new PublishVersionCommand({ FunctionName: "f", Description: "one" }));
  assert.equal(again.Version, "1");
  const ZipFile = await zipOf({ "index.mjs": answering(2) });
  const dry = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile, DryRun: true }));
  assert.equal((await invoke(client, "f")).answer, 1);
  const second = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile, Publish: true }));
  assert.deepEqual([second.Version, second.CodeSha256], ["2", dry.CodeSha256]);
  await lambda.send(
    new CreateAliasCommand({
      FunctionName: "f",
      Name: "live",
      FunctionVersion: "1",
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } },
    }),
  );
  const seen = new Map<unknown, string | undefined>();
  for (let call = 0; call < 60 && seen.size < 2; call++) {
    const { answer, version } = await invoke(client, "f:live");
    seen.set(answer, version);
  }
  assert.deepEqual([...seen].sort(), [
    [1, "1"],
    [2, "2"],
  ]);
  await assert.rejects(lambda.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "2" })), {
    name: "ResourceConflictException",
  });
  const updated = await lambda.send(
    new UpdateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "2", RoutingConfig: {} }),
  );
  assert.deepEqual([updated.AliasArn, updated.FunctionVersion, updated.RoutingConfig], [`${ARN}:live`, "2", undefined]);
  assert.equal(
    (await lambda.send(new GetAliasCommand({ FunctionName: "f", Name: "live" }))).RevisionId,
    updated.RevisionId,
  );
  await assert.rejects(lambda.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", RevisionId: "old" })), {
    name: "PreconditionFailedException",
  });
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: "f" }));
  assert.deepEqual(
    Versions?.map(({ Version }) => Version),
    ["$LATEST", "1", "2"],
  );
  assert.equal(
    (await lambda.send(new ListAliasesCommand({ FunctionName: "f", FunctionVersion: "1" }))).Aliases?.length,
    0,
  );
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
  await lambda.send(new DeleteAliasCommand({ FunctionName: "f", Name: "live" }));
  await assert.rejects(lambda.send(new GetAliasCommand({ FunctionName: "f", Name: "live" })), {
    name: "ResourceNotFoundException",
    message: `Cannot find alias arn: ${ARN}:live`,
  });
});

test("a configuration is changed member by member, where nobody else has changed it meanwhile", async () => {
  const before = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
  const changed = await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: "f",
      Timeout: 7,
      Environment: { Variables: { AB: "1" } },
      RevisionId: before.RevisionId,
    }),
  );
  assert.deepEqual(
    [changed.Timeout, changed.Environment, changed.MemorySize, changed.LastUpdateStatus],
    [7, { Variables: { AB: "1" } }, 128, "InProgress"],
  );
  await assert.rejects(
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", RevisionId: before.RevisionId })),
    { name: "PreconditionFailedException" },
  );
  await assert.rejects(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "f", Qualifier: "9" })), {
    message: `Function not found: ${ARN}:9`,
  });
});

test("a policy is made of statements, in the real service's words", async () => {
  const permission = {
    FunctionName: "f",
    StatementId: "eb",
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    SourceArn: "arn:aws:events:us-east-1:000000000000:rule/r",
  };
  await assert.rejects(lambda.send(new GetPolicyCommand({ FunctionName: "f" })), { name: "ResourceNotFoundException" });
  await assert.rejects(lambda.send(new RemovePermissionCommand({ FunctionName: "f", StatementId: "eb" })), {
    message: "No policy is associated with the given resource.",
  });
  const { Statement } = await lambda.send(new AddPermissionCommand(permission));
  const expected = {
    Sid: "eb",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: ARN,
    Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r" } },
  };
  assert.deepEqual(JSON.parse(Statement ?? ""), expected);
  const { Policy, RevisionId } = await lambda.send(new GetPolicyCommand({ FunctionName: "f" }));
  assert.deepEqual(JSON.parse(Policy ?? ""), { Version: "2012-10-17", Id: "default", Statement: [expected] });
  await assert.rejects(lambda.send(new AddPermissionCommand(permission)), {
    name: "ResourceConflictException",
    message:
      "The statement id (eb) provided already exists. Please provide a new statement id, or remove the existing statement.",
  });
  await assert.rejects(
    lambda.send(new AddPermissionCommand({ ...permission, StatementId: "x", Principal: "nobody at all" })),
    { name: "ValidationException" },
  );
  await assert.rejects(
    lambda.send(new AddPermissionCommand({ ...permission, StatementId: "x", Principal: "nobody" })),
    { message: "The provided principal was invalid. Please check the principal and try again." },
  );
  await assert.rejects(lambda.send(new RemovePermissionCommand({ FunctionName: "f", StatementId: "y" })), {
    message: "Statement y is not found in resource policy.",
  });
  await lambda.send(new RemovePermissionCommand({ FunctionName: "f", StatementId: "eb", RevisionId }));
});

test("a function of another account is invoked where its policy says so", async () => {
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "f",
      StatementId: "other",
      Action: "lambda:InvokeFunction",
      Principal: "111122223333",
    }),
  );
  assert.equal((await invoke(server.clientOf("other"), ARN)).answer, 2);
  await assert.rejects(new LambdaClient(server.clientOf("other")).send(new GetFunctionCommand({ FunctionName: ARN })), {
    name: "AccessDeniedException",
  });
});

test("concurrency is reserved as far as enough is left for the others", async () => {
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions: 900 }));
  const settings = await lambda.send(new GetAccountSettingsCommand({}));
  assert.deepEqual(
    [
      settings.AccountLimit?.ConcurrentExecutions,
      settings.AccountLimit?.UnreservedConcurrentExecutions,
      settings.AccountUsage?.FunctionCount,
    ],
    [1000, 100, 1],
  );
  await assert.rejects(
    lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions: 901 })),
    {
      name: "InvalidParameterValueException",
      message:
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    },
  );
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "f" }));
  assert.equal(
    (await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: "f" }))).ReservedConcurrentExecutions,
    undefined,
  );
});

test("no function has a configuration for signed code, as tools that manage functions ask", async () => {
  const { FunctionName, CodeSigningConfigArn } = await lambda.send(
    new GetFunctionCodeSigningConfigCommand({ FunctionName: "f" }),
  );
  assert.deepEqual([FunctionName, CodeSigningConfigArn], ["f", undefined]);
  await assert.rejects(lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: "nothing" })), {
    name: "ResourceNotFoundException",
  });
});

test("functions have tags, and are listed page by page", async () => {
  await lambda.send(new TagResourceCommand({ Resource: ARN, Tags: { cost: "b" } }));
  await lambda.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ["team"] }));
  assert.deepEqual((await lambda.send(new ListTagsCommand({ Resource: ARN }))).Tags, { cost: "b" });
  for (const FunctionName of ["a", "f-2"]) await createFunction(client, answering(1), { FunctionName, Role: role });
  const names: unknown[] = [];
  let Marker: string | undefined;
  do {
    const page = await lambda.send(new ListFunctionsCommand({ MaxItems: 1, Marker }));
    names.push(...(page.Functions ?? []).map(({ FunctionName }) => FunctionName));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  assert.deepEqual(names, ["a", "f", "f-2"]);
  const all = await lambda.send(new ListFunctionsCommand({ FunctionVersion: "ALL" }));
  assert.equal(all.Functions?.length, 4);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "f" }));
  await assert.rejects(lambda.send(new DeleteFunctionCommand({ FunctionName: "f" })), {
    message: `Function not found: ${ARN}`,
  });
});

test("how functions are is told to whoever looks", async () => {
  await invoke(client, "a");
  const response = await sendSigned(server.url, { service: "lambda", method: "GET", path: "/_trunkline/functions" });
  const { functions } = JSON.parse(response.body.toString()) as {
    functions: { name: string; sandboxes: { state: string }[] }[];
  };
  assert.deepEqual(
    functions.map(({ name }) => name),
    ["a", "f-2"],
  );
  assert.equal(functions[0]?.sandboxes.length, 1);
});

test("when a function's runtime is updated is stored", async () => {
  await createFunction(client, "export const handler = () => 1;", { FunctionName: "updated", Role: role });
  const FunctionName = "updated";
  const get = async () => (await lambda.send(new GetRuntimeManagementConfigCommand({ FunctionName }))).UpdateRuntimeOn;
  assert.equal(await get(), "Auto");
  await lambda.send(new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: "FunctionUpdate" }));
  assert.equal(await get(), "FunctionUpdate");
  const manual = new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: "Manual" });
  await assert.rejects(lambda.send(manual), { name: "InvalidParameterValueException" });
});
