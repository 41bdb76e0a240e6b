/** What keys outlive and what ends them; and how many of what there may be. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { SystemWallClock } from "../src/time/clock.ts";
import { allow, as, assume, createRole, createUser, type Keys, policy } from "./principals.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";

const ACCOUNT = "000000000000";

type ClientOptions = TestServer["client"];

/** `queues`: may list queues, but not streams. */
async function abilities(client: ClientOptions, keys: Keys) {
  const options = { ...as(client, keys) };
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => "allowed",
      (error) => error.name as string,
    );
  return {
    queues: await outcome(new SQSClient(options).send(new ListQueuesCommand({}))),
    streams: await outcome(new KinesisClient(options).send(new ListStreamsCommand({}))),
  };
}

const QUEUES_ONLY = { queues: "allowed", streams: "AccessDeniedException" };
const UNKNOWN = { queues: "UnrecognizedClientException", streams: "UnrecognizedClientException" };

test("keys, sessions, what they may do and when they were used outlive a restart", async () => {
  const folder = temporaryFolder();
  let server = await startTrunkline("--data", folder);
  const user = await createUser(server.client, "ann", allow("sqs:ListQueues"));
  const disabled = await createUser(server.client, "bob", allow("*"));
  const off = { UserName: "bob", AccessKeyId: disabled.accessKeyId, Status: "Inactive" as const };
  await new IAMClient(server.client).send(new UpdateAccessKeyCommand(off));
  const RoleArn = await createRole(server.client, "workers", { AWS: ACCOUNT }, allow(["sqs:*", "kinesis:*"]));
  const session = await assume(server.client, RoleArn, { Policy: policy(allow("sqs:*")) });
  for (const keys of [user, session]) assert.deepEqual(await abilities(server.client, keys), QUEUES_ONLY);
  const lastUse = async () => {
    const iam = new IAMClient(server.client);
    const key = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: user.accessKeyId }));
    return [key.AccessKeyLastUsed, (await iam.send(new GetRoleCommand({ RoleName: "workers" }))).Role?.RoleLastUsed];
  };
  const used = await lastUse();
  assert.ok(used.every((use) => use?.Region === "us-east-1" && use.LastUsedDate instanceof Date));

  await server.close();
  server = await startTrunkline("--data", folder);
  assert.deepEqual(await lastUse(), used);
  for (const keys of [user, session]) assert.deepEqual(await abilities(server.client, keys), QUEUES_ONLY);
  assert.deepEqual(await abilities(server.client, disabled), UNKNOWN);
  const { Arn } = await new STSClient(as(server.client, session)).send(new GetCallerIdentityCommand({}));
  assert.equal(Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/workers/session`);
  assert.deepEqual(await abilities(server.client, { ...session, sessionToken: "another" }), {
    queues: "UnrecognizedClientException",
    streams: "UnrecognizedClientException",
  });
});

test("a key that is switched off, deleted, or whose user is deleted is refused from the next request on", async () => {
  const server = await startTrunkline();
  const iam = new IAMClient(server.client);
  const keys = await createUser(server.client, "ann", allow("sqs:ListQueues"));
  const named = { UserName: "ann", AccessKeyId: keys.accessKeyId };
  const statusOf = async () =>
    (await iam.send(new ListAccessKeysCommand({ UserName: "ann" }))).AccessKeyMetadata?.map(({ Status }) => Status);
  for (const Status of ["Inactive", "Active", "Inactive", "Active"] as const) {
    await iam.send(new UpdateAccessKeyCommand({ ...named, Status }));
    assert.deepEqual(await statusOf(), [Status]);
    assert.deepEqual(await abilities(server.client, keys), Status === "Active" ? QUEUES_ONLY : UNKNOWN);
  }
  await iam.send(new DeleteAccessKeyCommand(named));
  assert.deepEqual(await abilities(server.client, keys), UNKNOWN);
  await iam.send(new DeleteUserPolicyCommand({ UserName: "ann", PolicyName: "own" }));
  await iam.send(new DeleteUserCommand({ UserName: "ann" }));

  const RoleArn = await createRole(server.client, "workers", { AWS: ACCOUNT }, allow("sqs:*"));
  const session = await assume(server.client, RoleArn);
  assert.deepEqual(await abilities(server.client, session), QUEUES_ONLY);
  await iam.send(new DeleteRolePolicyCommand({ RoleName: "workers", PolicyName: "own" }));
  await iam.send(new DeleteRoleCommand({ RoleName: "workers" }));
  // One of the same name that is made anew is another role, whose sessions those before are not.
  await createRole(server.client, "workers", { AWS: ACCOUNT }, allow("*"));
  const { queues } = await abilities(server.client, session);
  assert.notEqual(queues, "allowed");
});

/** The machine's time, as far ahead as a test likes. */
class AdvancedWallClock extends SystemWallClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

test("a session ends by the machine's time, wherever the centre's clock stands", async () => {
  const wall = new AdvancedWallClock();
  const config = readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual"], {});
  const app = await startApp(config, { wall, log: pino({ level: "silent" }) });
  after(() => app.close());
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = { endpoint: app.url, region: "us-east-1", credentials, maxAttempts: 1 };
  const RoleArn = await createRole(client, "workers", { AWS: ACCOUNT }, allow("sqs:*"));
  const session = await assume(client, RoleArn, { DurationSeconds: 900 });
  const list = () => {
    const options = { ...as(client, session), systemClockOffset: wall.aheadMs };
    return new SQSClient(options).send(new ListQueuesCommand({}));
  };
  await list();
  wall.aheadMs = 890_000;
  await list();
  wall.aheadMs = 900_001;
  await assert.rejects(list(), { name: "ExpiredTokenException" });
});

test("with enforced limits each kind has its quota; without them none has", async () => {
  const limits = ["users", "groups", "roles", "policies", "instance-profiles", "attached-policies"];
  const flags = limits.flatMap((name) => ["--limit", `iam.${name}=1`]);
  const PolicyDocument = policy(allow("sqs:*"));
  const AWS_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const fill = async (client: ClientOptions): Promise<(string | undefined)[]> => {
    const iam = new IAMClient(client);
    const second = async (make: (name: string) => Promise<unknown>): Promise<string | undefined> => {
      await make("one");
      return make("two").then(
        () => undefined,
        (error) => `${error.name}: ${error.message}`,
      );
    };
    return [
      await second((UserName) => iam.send(new CreateUserCommand({ UserName }))),
      await second((GroupName) => iam.send(new CreateGroupCommand({ GroupName }))),
      await second((name) => createRole(client, name, { AWS: ACCOUNT })),
      await second((PolicyName) => iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))),
      await second((InstanceProfileName) => iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }))),
      await second((name) => {
        const PolicyArn = name === "one" ? AWS_POLICY : `arn:aws:iam::${ACCOUNT}:policy/one`;
        return iam.send(new AttachUserPolicyCommand({ UserName: "one", PolicyArn }));
      }),
    ];
  };
  const enforced = await startTrunkline("--enforce-limits", ...flags);
  const refused = (quota: string) => `LimitExceededException: Cannot exceed quota for ${quota}: 1`;
  assert.deepEqual(await fill(enforced.client), [
    refused("UsersPerAccount"),
    refused("GroupsPerAccount"),
    refused("RolesPerAccount"),
    refused("PoliciesPerAccount"),
    refused("InstanceProfilesPerAccount"),
    refused("PoliciesPerUser"),
  ]);
  const free = await startTrunkline(...flags);
  assert.deepEqual(await fill(free.client), Array(6).fill(undefined));
  // What no request raises in the real service always holds.
  const iam = new IAMClient(free.client);
  for (const _ of [1, 2]) await iam.send(new CreateAccessKeyCommand({ UserName: "one" }));
  await assert.rejects(iam.send(new CreateAccessKeyCommand({ UserName: "one" })), {
    name: "LimitExceededException",
    message: "Cannot exceed quota for AccessKeysPerUser: 2",
  });
});
