/** What policies let through: principals, their policies, and what they call, through the SDKs. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  ConnectClient,
  CreateInstanceCommand,
  DescribeInstanceCommand,
  ListQueuesCommand,
} from "@aws-sdk/client-connect";
import { CustomerProfilesClient, GetDomainCommand } from "@aws-sdk/client-customer-profiles";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  DetachUserPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import {
  allow,
  as,
  assume,
  createRole,
  createUser,
  deny,
  type Keys,
  policy,
  type Statement,
  setPolicy,
} from "./principals.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const ACCOUNT = "000000000000";
const CALLS = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:jobs`;
const QueueUrl = `${server.url}/${ACCOUNT}/jobs`;
let instanceId = "";

before(async () => {
  const kinesis = new KinesisClient(server.client);
  for (const StreamName of ["calls", "other"])
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "files" }));
  await s3.send(new PutObjectCommand({ Bucket: "files", Key: "a/1", Body: "x" }));
  await new SQSClient(server.client).send(new CreateQueueCommand({ QueueName: "jobs" }));
  const { Id } = await new ConnectClient(server.client).send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "centre",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  instanceId = String(Id);
});

/** What a principal tries, by the permission that it takes. */
const calls: Readonly<Record<string, (keys: Keys) => Promise<unknown>>> = {
  "kinesis:PutRecord calls": (keys) => putRecord(keys, "calls"),
  "kinesis:PutRecord other": (keys) => putRecord(keys, "other"),
  "kinesis:DescribeStreamSummary calls": (keys) =>
    kinesisOf(keys).send(new DescribeStreamSummaryCommand({ StreamARN: CALLS })),
  "kinesis:ListStreams": (keys) => kinesisOf(keys).send(new ListStreamsCommand({})),
  "sqs:SendMessage": (keys) => clientOf(SQSClient, keys).send(new SendMessageCommand({ QueueUrl, MessageBody: "x" })),
  "s3:GetObject a": (keys) => s3Of(keys).send(new GetObjectCommand({ Bucket: "files", Key: "a/1" })),
  "s3:PutObject b": (keys) => s3Of(keys).send(new PutObjectCommand({ Bucket: "files", Key: "b/1", Body: "x" })),
  "s3:ListBucket a": (keys) => s3Of(keys).send(new ListObjectsV2Command({ Bucket: "files", Prefix: "a/" })),
  "s3:ListAllMyBuckets": (keys) => s3Of(keys).send(new ListBucketsCommand({})),
  "events:PutEvents default": (keys) => putEvents(keys, "centre"),
  "events:PutRule r1": (keys) =>
    eventsOf(keys).send(new PutRuleCommand({ Name: "r1", EventPattern: '{"source":["centre"]}' })),
  "logs:CreateLogGroup": (keys) =>
    clientOf(CloudWatchLogsClient, keys).send(new CreateLogGroupCommand({ logGroupName: `/g/${keys.accessKeyId}` })),
  "logs:DescribeLogGroups": (keys) => clientOf(CloudWatchLogsClient, keys).send(new DescribeLogGroupsCommand({})),
  "connect:ListQueues": (keys) => clientOf(ConnectClient, keys).send(new ListQueuesCommand({ InstanceId: instanceId })),
  "connect:DescribeInstance": (keys) =>
    clientOf(ConnectClient, keys).send(new DescribeInstanceCommand({ InstanceId: instanceId })),
  "iam:ListUsers": (keys) => clientOf(IAMClient, keys).send(new ListUsersCommand({})),
};

/** One client of each service for each key: making one costs more than calling it. */
const clients = new Map<string, unknown>();

function clientOf<T>(make: new (options: ReturnType<typeof as> & { forcePathStyle: boolean }) => T, keys: Keys): T {
  const name = `${make.name} ${keys.accessKeyId}`;
  if (!clients.has(name)) clients.set(name, new make({ ...as(server.client, keys), forcePathStyle: true }));
  return clients.get(name) as T;
}

const kinesisOf = (keys: Keys) => clientOf(KinesisClient, keys);
const s3Of = (keys: Keys) => clientOf(S3Client, keys);
const eventsOf = (keys: Keys) => clientOf(EventBridgeClient, keys);

function putRecord(keys: Keys, StreamName: string): Promise<unknown> {
  return kinesisOf(keys).send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.from("x") }));
}

function putEvents(keys: Keys, Source: string): Promise<unknown> {
  return eventsOf(keys).send(new PutEventsCommand({ Entries: [{ Source, DetailType: "d", Detail: "{}" }] }));
}

/** What of all calls is let through. Any other failure than a refusal is one of the test. */
async function allowedTo(keys: Keys, names: readonly string[] = Object.keys(calls)): Promise<string[]> {
  const allowed: string[] = [];
  for (const name of names) {
    try {
      await calls[name]?.(keys);
      allowed.push(name);
    } catch (error) {
      if (!(error instanceof Error) || !/^AccessDenied(Exception)?$/.test(error.name)) throw error;
    }
  }
  return allowed;
}

const ALL = Object.keys(calls);
const KINESIS = ALL.filter((name) => name.startsWith("kinesis:"));

/** Statements of a policy, and what they let through. */
const matrix: readonly (readonly [title: string, statements: readonly Statement[], allowed: readonly string[]])[] = [
  ["nothing", [], []],
  ["everything", [allow("*")], ALL],
  ["everything of a service", [allow("kinesis:*")], KINESIS],
  [
    "a service, whatever the case of its actions",
    [allow("KINESIS:put*")],
    ["kinesis:PutRecord calls", "kinesis:PutRecord other"],
  ],
  [
    "one stream, which listing is not on",
    [allow("kinesis:*", CALLS)],
    ["kinesis:PutRecord calls", "kinesis:DescribeStreamSummary calls"],
  ],
  [
    "streams of a pattern",
    [allow("kinesis:PutRecord", "arn:aws:kinesis:*:*:stream/o?her")],
    ["kinesis:PutRecord other"],
  ],
  ["a part of an ARN is not matched across colons", [allow("kinesis:PutRecord", "arn:aws:*:stream/calls")], []],
  [
    "a Deny wins",
    [allow("kinesis:*"), deny("kinesis:PutRecord", CALLS)],
    KINESIS.filter((name) => name !== "kinesis:PutRecord calls"),
  ],
  [
    "what an action is not",
    [{ Effect: "Allow", NotAction: ["s3:*", "sqs:*", "iam:*", "logs:*", "connect:*", "events:*"], Resource: "*" }],
    KINESIS,
  ],
  [
    "what a resource is not",
    [{ Effect: "Allow", Action: "kinesis:*", NotResource: CALLS }],
    ["kinesis:PutRecord other", "kinesis:ListStreams"],
  ],
  ["objects of a prefix", [allow("s3:GetObject", "arn:aws:s3:::files/a/*")], ["s3:GetObject a"]],
  [
    "a bucket, as far as a condition lets it be listed",
    [allow("s3:ListBucket", "arn:aws:s3:::files", { Condition: { StringLike: { "s3:prefix": "a/*" } } })],
    ["s3:ListBucket a"],
  ],
  [
    "a bucket, listed by another prefix",
    [allow("s3:ListBucket", "arn:aws:s3:::files", { Condition: { StringLike: { "s3:prefix": "b/*" } } })],
    [],
  ],
  ["one queue", [allow(["sqs:SendMessage"], QUEUE)], ["sqs:SendMessage"]],
  [
    "the default bus and a rule on it",
    [
      allow("events:*", [
        `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/default`,
        `arn:aws:events:us-east-1:${ACCOUNT}:rule/r*`,
      ]),
    ],
    ["events:PutEvents default", "events:PutRule r1"],
  ],
  ["log groups", [allow("logs:*", `arn:aws:logs:*:*:log-group:/g/*`)], ["logs:CreateLogGroup"]],
  [
    "all log groups",
    [allow("logs:*", `arn:aws:logs:*:*:log-group:*`)],
    ["logs:CreateLogGroup", "logs:DescribeLogGroups"],
  ],
  [
    "a Region",
    [allow("kinesis:PutRecord", "*", { Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } })],
    ["kinesis:PutRecord calls", "kinesis:PutRecord other"],
  ],
  [
    "another Region",
    [allow("kinesis:PutRecord", "*", { Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } } })],
    [],
  ],
  [
    "this machine",
    [allow("sqs:*", "*", { Condition: { IpAddress: { "aws:SourceIp": ["127.0.0.0/8", "::1"] } } })],
    ["sqs:SendMessage"],
  ],
  [
    "other machines",
    [allow("sqs:*", "*", { Condition: { NotIpAddress: { "aws:SourceIp": ["127.0.0.0/8", "::1"] } } })],
    [],
  ],
  [
    "an account",
    [allow("iam:ListUsers", "*", { Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } } })],
    ["iam:ListUsers"],
  ],
  [
    "events of a source",
    [allow("events:PutEvents", "*", { Condition: { StringEquals: { "events:source": "centre" } } })],
    ["events:PutEvents default"],
  ],
  [
    "events of another source",
    [allow("events:PutEvents", "*", { Condition: { StringEquals: { "events:source": "other" } } })],
    [],
  ],
  [
    "connections that are not encrypted are denied",
    [allow("sqs:*"), deny("*", "*", { Condition: { Bool: { "aws:SecureTransport": "false" } } })],
    ["sqs:SendMessage"],
  ],
];

suite("a user's policies", () => {
  for (const [index, [title, statements, expected]] of matrix.entries()) {
    test(`${title}`, async () => {
      const keys = await createUser(server.client, `user-${index}`, ...statements);
      assert.deepEqual(await allowedTo(keys), expected);
    });
  }
});

suite("the same policies, by other ways", () => {
  const statements = [allow("kinesis:PutRecord", CALLS), allow("sqs:SendMessage")];
  const expected = ["kinesis:PutRecord calls", "sqs:SendMessage"];
  const iam = new IAMClient(server.client);

  test("by a group", async () => {
    const keys = await createUser(server.client, "member");
    await iam.send(new CreateGroupCommand({ GroupName: "writers" }));
    await iam.send(
      new PutGroupPolicyCommand({ GroupName: "writers", PolicyName: "p", PolicyDocument: policy(...statements) }),
    );
    assert.deepEqual(await allowedTo(keys), []);
    await iam.send(new AddUserToGroupCommand({ GroupName: "writers", UserName: "member" }));
    assert.deepEqual(await allowedTo(keys), expected);
  });

  test("by a managed policy, as long as it is attached", async () => {
    const keys = await createUser(server.client, "attached");
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: policy(...statements) }),
    );
    const attachment = { UserName: "attached", PolicyArn: String(Policy?.Arn) };
    await iam.send(new AttachUserPolicyCommand(attachment));
    assert.deepEqual(await allowedTo(keys), expected);
    await iam.send(new DetachUserPolicyCommand(attachment));
    assert.deepEqual(await allowedTo(keys), []);
  });

  test("by AWS's own policy", async () => {
    const keys = await createUser(server.client, "administrator");
    const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    await iam.send(new AttachUserPolicyCommand({ UserName: "administrator", PolicyArn }));
    assert.deepEqual(await allowedTo(keys), ALL);
  });

  test("by a role, and no more than a session's own policy lets through", async () => {
    const arn = await createRole(server.client, "writer", { AWS: ACCOUNT }, ...statements);
    assert.deepEqual(await allowedTo(await assume(server.client, arn)), expected);
    const limited = await assume(server.client, arn, { Policy: policy(allow("sqs:*"), allow("s3:*")) });
    assert.deepEqual(await allowedTo(limited), ["sqs:SendMessage"]);
    const byArn = await assume(server.client, arn, {
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" }],
    });
    assert.deepEqual(await allowedTo(byArn), []);
  });

  test("no further than the permissions boundary", async () => {
    const keys = await createUser(server.client, "bounded", allow("*"));
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "limit", PolicyDocument: policy(...statements) }),
    );
    await iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: "bounded", PermissionsBoundary: String(Policy?.Arn) }),
    );
    assert.deepEqual(await allowedTo(keys), expected);
    await assert.rejects(putRecord(keys, "other"), {
      message: /because no permissions boundary allows the kinesis:PutRecord action$/,
    });
  });
});

suite("variables and tags", () => {
  test("a policy names whoever it is attached to", async () => {
    const own = allow("s3:*", "arn:aws:s3:::files/${aws:username}/*");
    const keys = await createUser(server.client, "a", own);
    assert.deepEqual(await allowedTo(keys), ["s3:GetObject a"]);
  });

  test("a session's tags count", async () => {
    const statement = allow("kinesis:PutRecord", "arn:aws:kinesis:*:*:stream/${aws:PrincipalTag/team}");
    const arn = await createRole(server.client, "teams", { AWS: ACCOUNT }, statement);
    const keys = await assume(server.client, arn, { Tags: [{ Key: "Team", Value: "calls" }] });
    assert.deepEqual(await allowedTo(keys, KINESIS), ["kinesis:PutRecord calls"]);
    assert.deepEqual(await allowedTo(await assume(server.client, arn), KINESIS), []);
  });
});

suite("policies of resources", () => {
  const queuePolicy = (Principal: unknown, Effect = "Allow") =>
    policy({ Effect, Principal, Action: "sqs:SendMessage", Resource: QUEUE });
  const setQueuePolicy = (Policy: string) =>
    new SQSClient(server.client).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));

  test("whom they name is let in without a policy of its own; whom their account is named by needs one", async () => {
    const keys = await createUser(server.client, "guest");
    const arn = `arn:aws:iam::${ACCOUNT}:user/guest`;
    const sends = async (): Promise<boolean> => (await allowedTo(keys, ["sqs:SendMessage"])).length > 0;
    assert.equal(await sends(), false);
    await setQueuePolicy(queuePolicy({ AWS: arn }));
    assert.equal(await sends(), true);
    await setQueuePolicy(queuePolicy("*"));
    assert.equal(await sends(), true);
    await setQueuePolicy(queuePolicy({ AWS: ACCOUNT }));
    assert.equal(await sends(), false);
    await setPolicy(server.client, "guest", allow("sqs:SendMessage"));
    assert.equal(await sends(), true);
    await setQueuePolicy(queuePolicy({ AWS: arn }, "Deny"));
    await assert.rejects(calls["sqs:SendMessage"]?.(keys) ?? Promise.resolve(), {
      message: `User: ${arn} is not authorized to perform: sqs:SendMessage on resource: ${QUEUE} with an explicit deny in a resource-based policy`,
    });
    await setQueuePolicy("");
  });

  test("across accounts both sides must allow it", async () => {
    const other = server.clientOf("other");
    const keys = await createUser(other, "visitor");
    const StreamARN = CALLS;
    const write = () =>
      kinesisOf(keys).send(new PutRecordCommand({ StreamARN, PartitionKey: "k", Data: Buffer.from("x") }));
    const arn = "arn:aws:iam::111122223333:user/visitor";
    const share = { Effect: "Allow", Principal: { AWS: arn }, Action: "kinesis:PutRecord", Resource: StreamARN };
    await new KinesisClient(server.client).send(
      new PutResourcePolicyCommand({ ResourceARN: StreamARN, Policy: policy(share) }),
    );
    await assert.rejects(write(), { message: /because no identity-based policy allows the kinesis:PutRecord action$/ });
    await setPolicy(other, "visitor", allow("kinesis:*"));
    await write();
    await new KinesisClient(server.client).send(
      new PutResourcePolicyCommand({
        ResourceARN: StreamARN,
        Policy: policy({ ...share, Principal: { AWS: "999999999999" } }),
      }),
    );
    await assert.rejects(write(), { message: /because no resource-based policy allows the kinesis:PutRecord action$/ });
  });
});

suite("what else a request needs", () => {
  test("who hands a role on must be allowed to pass it, to that service", async () => {
    const RoleArn = await createRole(server.client, "deliver", { Service: "events.amazonaws.com" });
    const keys = await createUser(server.client, "builder", allow("events:*"));
    const events = eventsOf(keys);
    await events.send(new PutRuleCommand({ Name: "passing", EventPattern: '{"source":["x"]}' }));
    const put = () =>
      events.send(new PutTargetsCommand({ Rule: "passing", Targets: [{ Id: "1", Arn: CALLS, RoleArn }] }));
    await assert.rejects(put(), {
      name: "AccessDeniedException",
      message: `User: arn:aws:iam::${ACCOUNT}:user/builder is not authorized to perform: iam:PassRole on resource: ${RoleArn} because no identity-based policy allows the iam:PassRole action`,
    });
    const to = (service: string) => ({ Condition: { StringEquals: { "iam:PassedToService": service } } });
    await setPolicy(
      server.client,
      "builder",
      allow("events:*"),
      allow("iam:PassRole", RoleArn, to("lambda.amazonaws.com")),
    );
    await assert.rejects(put(), { name: "AccessDeniedException" });
    await setPolicy(
      server.client,
      "builder",
      allow("events:*"),
      allow("iam:PassRole", RoleArn, to("events.amazonaws.com")),
    );
    await put();
  });

  test("a function is the same one by whatever it is named, and so is what is copied from", async () => {
    const keys = await createUser(
      server.client,
      "outsider",
      allow(["lambda:*", "s3:*"]),
      deny("lambda:*", `arn:aws:lambda:us-east-1:${ACCOUNT}:function:vault`),
      deny("lambda:*", "*", {
        Condition: { ArnLike: { "lambda:FunctionArn": `arn:aws:lambda:*:${ACCOUNT}:function:vault` } },
      }),
      deny("s3:GetObject", "arn:aws:s3:::files/a/1"),
    );
    const lambda = clientOf(LambdaClient, keys);
    const refused = { name: "AccessDeniedException", message: /with an explicit deny/ };
    for (const place of [
      "",
      "function:",
      "us-east-1:",
      `${ACCOUNT}:`,
      `us-east-1:${ACCOUNT}:function:`,
      "arn:aws:lambda:",
    ]) {
      await assert.rejects(lambda.send(new InvokeCommand({ FunctionName: `${place}vault` })), refused, place);
    }
    const mapping = { FunctionName: "vault", EventSourceArn: CALLS, StartingPosition: "LATEST" } as const;
    await assert.rejects(lambda.send(new CreateEventSourceMappingCommand(mapping)), refused);
    for (const CopySource of ["files/a/1", "/files/a%2F1", "files/a/1?", "files/a/1?x"]) {
      const copy = new CopyObjectCommand({ Bucket: "files", Key: "mine", CopySource });
      await assert.rejects(s3Of(keys).send(copy), { name: "AccessDenied" }, CopySource);
    }
  });

  test("code is read from a bucket by whoever may read it there", async () => {
    const Role = await createRole(server.client, "runs", { Service: "lambda.amazonaws.com" });
    const keys = await createUser(server.client, "deployer", allow(["lambda:*", "iam:PassRole"]));
    const refused = { name: "AccessDeniedException", message: /s3:GetObject on resource: arn:aws:s3:::files\/a\/1 / };
    const code = { S3Bucket: "files", S3Key: "a/1" };
    const wanted = { FunctionName: "mine", Runtime: "nodejs24.x", Handler: "index.handler", Role, Code: code } as const;
    const lambda = clientOf(LambdaClient, keys);
    await assert.rejects(lambda.send(new CreateFunctionCommand(wanted)), refused);
    await assert.rejects(lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "mine", ...code })), refused);
    await setPolicy(server.client, "deployer", allow(["lambda:*", "iam:PassRole", "s3:GetObject"]));
    // It is no zip.
    await assert.rejects(lambda.send(new CreateFunctionCommand(wanted)), { name: "InvalidParameterValueException" });
  });

  test("records are read by the stream of their iterator", async () => {
    const keys = await createUser(
      server.client,
      "reader",
      allow(["kinesis:GetShardIterator", "kinesis:GetRecords"], CALLS),
    );
    const kinesis = kinesisOf(keys);
    const start = { ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" as const };
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand({ StreamName: "calls", ...start }));
    await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    const root = new KinesisClient(server.client);
    const other = await root.send(new GetShardIteratorCommand({ StreamName: "other", ...start }));
    await assert.rejects(kinesis.send(new GetRecordsCommand({ ShardIterator: other.ShardIterator })), {
      message: /kinesis:GetRecords on resource: arn:aws:kinesis:us-east-1:000000000000:stream\/other/,
    });
  });

  test("IAM itself is asked like any other service, by ARNs with paths", async () => {
    const keys = await createUser(
      server.client,
      "auditor",
      allow("iam:GetRole", `arn:aws:iam::${ACCOUNT}:role/agents/*`),
    );
    const iam = clientOf(IAMClient, keys);
    await createRole(server.client, "plain", { AWS: ACCOUNT });
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: "plain" })), {
      name: "AccessDenied",
      message: /iam:GetRole on resource: arn:aws:iam::000000000000:role\/plain/,
    });
    await setPolicy(server.client, "auditor", allow("iam:GetUser", `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`));
    await assert.rejects(iam.send(new GetUserCommand({ UserName: "reader" })), { name: "AccessDenied" });
    assert.equal((await iam.send(new GetUserCommand({ UserName: "auditor" }))).User?.UserName, "auditor");
  });

  test("who asks about itself need not say its name, and nobody is moved to where the caller may not go", async () => {
    const own = allow(["iam:GetUser", "iam:CreateAccessKey"], "arn:aws:iam::*:user/${aws:username}");
    const mover = allow("iam:UpdateUser", `arn:aws:iam::${ACCOUNT}:user/itself*`);
    const iam = clientOf(IAMClient, await createUser(server.client, "itself", own, mover));
    assert.equal((await iam.send(new GetUserCommand({}))).User?.UserName, "itself");
    await iam.send(new CreateAccessKeyCommand({}));
    const refused = {
      name: "AccessDenied",
      message: /iam:UpdateUser on resource: arn:aws:iam::\d+:user\/admins\/itself /,
    };
    await assert.rejects(iam.send(new UpdateUserCommand({ UserName: "itself", NewPath: "/admins/" })), refused);
    await iam.send(new UpdateUserCommand({ UserName: "itself", NewUserName: "itself-again" }));
  });

  test("a refused call changes nothing, and says so in its protocol's way", async () => {
    const keys = await createUser(server.client, "nobody");
    const status = async (call: Promise<unknown>) => {
      const error = await call.then(
        () => assert.fail("It went through"),
        (thrown) => thrown,
      );
      return [error.$metadata.httpStatusCode, error.name];
    };
    assert.deepEqual(await status(putRecord(keys, "calls")), [400, "AccessDeniedException"]);
    assert.deepEqual(await status(s3Of(keys).send(new PutObjectCommand({ Bucket: "files", Key: "c/1", Body: "x" }))), [
      403,
      "AccessDenied",
    ]);
    assert.deepEqual(await status(clientOf(IAMClient, keys).send(new ListUsersCommand({}))), [403, "AccessDenied"]);
    assert.deepEqual(
      await status(clientOf(CustomerProfilesClient, keys).send(new GetDomainCommand({ DomainName: "d" }))),
      [403, "AccessDeniedException"],
    );
    await assert.rejects(
      new S3Client({ ...server.client, forcePathStyle: true }).send(
        new HeadObjectCommand({ Bucket: "files", Key: "c/1" }),
      ),
      { name: "NotFound" },
    );
    await new SQSClient(server.client).send(new ReceiveMessageCommand({ QueueUrl }));
  });

  test("a key that is switched off is refused at once", async () => {
    const keys = await createUser(server.client, "suspended", allow("sqs:*"));
    assert.deepEqual(await allowedTo(keys, ["sqs:SendMessage"]), ["sqs:SendMessage"]);
    const iam = new IAMClient(server.client);
    const change = { UserName: "suspended", AccessKeyId: keys.accessKeyId };
    await iam.send(new UpdateAccessKeyCommand({ ...change, Status: "Inactive" }));
    await assert.rejects(calls["sqs:SendMessage"]?.(keys) ?? Promise.resolve(), {
      name: "UnrecognizedClientException",
    });
    await iam.send(new UpdateAccessKeyCommand({ ...change, Status: "Active" }));
    assert.deepEqual(await allowedTo(keys, ["sqs:SendMessage"]), ["sqs:SendMessage"]);
  });

  test("Trunkline's own endpoints take permissions of their own; calls of operations through them take the operation's", async () => {
    const keys = await createUser(server.client, "operator", allow("sqs:ListQueues"));
    const call = (path: string, method = "GET") =>
      sendSigned(server.url, { service: "connect", method, path, ...keys, ...(method === "POST" && { body: "{}" }) });
    const denied = await call("/_trunkline/clock");
    assert.equal(denied.status, 403);
    assert.match(denied.body.toString(), /trunkline:GET on resource: arn:aws:trunkline:us-east-1:000000000000:\/clock/);
    assert.equal((await call("/_trunkline/api/sqs/ListQueues", "POST")).status, 200);
    assert.equal((await call("/_trunkline/api/kinesis/ListStreams", "POST")).status, 400);
    await setPolicy(server.client, "operator", allow("trunkline:GET"));
    assert.equal((await call("/_trunkline/clock")).status, 200);
    assert.equal((await call("/_trunkline/clock", "POST")).status, 403);
    assert.equal((await call("/_trunkline/api/sqs/ListQueues", "POST")).status, 400);
  });
});
