/**
 * The AWS CLI and the CDK make a contact centre, each from a clean folder that holds its example and nothing else. They take their time
 * (the CLI looks at its stack every 30 seconds) and come from elsewhere, so they are run in CI and by npm run test:full alone.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  ConnectClient,
  DescribeQueueCommand,
  ListInstancesCommand,
  ListUsersCommand,
  StartTaskContactCommand,
} from "@aws-sdk/client-connect";
import { DescribeStreamSummaryCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { startTrunkline, temporaryFolder } from "./server.ts";

const root = join(import.meta.dirname, "..");
const CACHE = join(root, "node_modules/.cache");
const isAsked = process.env.TRUNKLINE_FULL === "1" || Boolean(process.env.CI);
const asked = { skip: !isAsked && "run by CI and npm run test:full" };
/** Where the machine has none that is new enough. */
const AWS_CLI = "awscli==1.45.11";

const server = isAsked ? await startTrunkline("--clock", "real") : undefined;
/** What the constructors of SDK clients take. */
const client = server?.client ?? {};

/** What a terminal has in which the URL and keys of Trunkline were exported. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    AWS_ENDPOINT_URL: server?.url,
    AWS_ENDPOINT_URL_S3: server?.url,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}

/** A copy of an example, in a folder of its own. */
function exampleIn(name: string): string {
  const folder = join(temporaryFolder(), name);
  cpSync(join(root, "examples", name), folder, { recursive: true });
  return folder;
}

async function outputsOf(StackName: string): Promise<Record<string, string>> {
  const { Stacks = [] } = await new CloudFormationClient(client).send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

/** Waits until the function has been told of the end of a task. */
async function untilNoted(functionName: string | undefined): Promise<void> {
  const logs = new CloudWatchLogsClient(client);
  const asked = new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}`, filterPattern: "TASK" });
  for (;;) {
    const found = await logs.send(asked).catch((error) => {
      assert.equal(error.name, "ResourceNotFoundException");
    });
    if (found?.events?.length) return;
  }
}

// The CLI mostly waits: the CDK has the time.
describe("from a clean folder", { concurrency: true }, () => {
  test(
    "the AWS CLI makes a centre by a script: packages, deploys, creates, and reads what became of it",
    asked,
    async (t) => {
      const bin = findAws() ?? installAws();
      if (bin === undefined)
        return t.skip("skipped: the AWS CLI (version 1.29 or 2.13 or later; pip cannot install it)");
      const folder = exampleIn("aws-cli");
      const env = { ...environment(), PATH: `${bin}:${process.env.PATH}` };
      const { stdout } = await promisify(execFile)("sh", [join(folder, "centre.sh"), "harbour"], { env });
      assert.match(stdout, /^Successfully created\/updated stack - harbour$/m);
      assert.match(stdout, /^\+447700900123$/m, "the profile is found");
      const told = [...stdout.matchAll(/^"eventType":"([A-Z_]+)"$/gm)].map(([, type]) => type);
      assert.deepEqual(told, ["INITIATED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "COMPLETED"]);

      const { EventsName, Function: functionName } = await outputsOf("harbour");
      const kinesis = new KinesisClient(client);
      const asked = new DescribeStreamSummaryCommand({ StreamName: EventsName });
      const { StreamDescriptionSummary } = await kinesis.send(asked);
      assert.equal(StreamDescriptionSummary?.RetentionPeriodHours, 48, "a parameter of the stack");
      kinesis.destroy();
      const connect = new ConnectClient(client);
      const { InstanceSummaryList = [] } = await connect.send(new ListInstancesCommand({}));
      const InstanceId = InstanceSummaryList.find(({ InstanceAlias }) => InstanceAlias === "harbour")?.Id;
      const { UserSummaryList = [] } = await connect.send(new ListUsersCommand({ InstanceId }));
      assert.deepEqual(
        UserSummaryList.map(({ Username }) => Username),
        ["ada"],
      );
      await untilNoted(functionName);
    },
  );

  test("the CDK deploys an app, finds no changes, changes one resource, and destroys it", asked, async (t) => {
    const folder = exampleIn("cdk");
    const modules = installCdk(folder);
    if (modules === undefined) return t.skip("skipped: the AWS CDK (npm cannot install it here)");
    symlinkSync(modules, join(folder, "node_modules"));
    await new S3Client(client).send(new CreateBucketCommand({ Bucket: "cdk-hnb659fds-assets-000000000000-us-east-1" }));
    const cdk = async (...args: string[]): Promise<string> => {
      const program = join(modules, "aws-cdk/bin/cdk");
      const env = {
        ...environment(),
        CI: "true",
        CDK_DISABLE_CLI_TELEMETRY: "true",
        CDK_DISABLE_VERSION_CHECK: "true",
      };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], { cwd: folder, env });
      return stdout + stderr;
    };
    assert.match(await cdk("deploy"), /✅ {2}Centre\n/);
    const outputs = await outputsOf("Centre");
    const connect = new ConnectClient(client);
    const InstanceId = outputs.InstanceArn?.split("/")[1];
    const QueueId = outputs.QueueArn?.split("/").at(-1);
    const maxContacts = async (): Promise<number | undefined> =>
      (await connect.send(new DescribeQueueCommand({ InstanceId, QueueId }))).Queue?.MaxContacts;
    assert.equal(await maxContacts(), 10);
    const ContactFlowId = outputs.FlowArn?.split("/").at(-1);
    await connect.send(new StartTaskContactCommand({ InstanceId, ContactFlowId, Name: "Call back" }));
    await untilNoted(outputs.FunctionName);

    // As it was synthesized: only the difference to what is there is asked for.
    assert.match(await cdk("deploy", "--app", "cdk.out"), /Centre \(no changes\)/);
    const changed = await cdk("deploy", "--context", "maxContacts=20");
    assert.match(changed, /UPDATE_COMPLETE +\| AWS::Connect::Queue /);
    assert.doesNotMatch(
      changed,
      /CREATE_|DELETE_|UPDATE_IN_PROGRESS +\| (?!AWS::Connect::Queue|AWS::CloudFormation::Stack)/,
    );
    assert.equal(await maxContacts(), 20, "the same queue");
    assert.match(await cdk("destroy", "--force", "--app", "cdk.out"), /✅ {2}Centre: destroyed/);
    await assert.rejects(maxContacts(), { name: "ResourceNotFoundException" });
  });
});

/** The folder of an `aws` that knows AWS_ENDPOINT_URL. */
function findAws(folders: readonly string[] = (process.env.PATH ?? "").split(":")): string | undefined {
  return folders.find((folder) => {
    if (!existsSync(join(folder, "aws"))) return false;
    const { stdout } = spawnSync(join(folder, "aws"), ["--version"], { encoding: "utf8" });
    const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)/.exec(stdout) ?? [];
    return Number(minor) >= (major === "1" ? 29 : 13);
  });
}

function installAws(): string | undefined {
  const place = join(CACHE, AWS_CLI);
  if (findAws([join(place, "bin")]) === undefined) {
    mkdirSync(CACHE, { recursive: true });
    if (spawnSync("python3", ["-m", "venv", place]).status !== 0) return undefined;
    spawnSync(join(place, "bin/pip"), ["install", "--quiet", AWS_CLI], { timeout: 120_000 });
  }
  return findAws([join(place, "bin")]);
}

/** Where the packages lie that the example names: once for all runs. They are too large to be dependencies of ours. */
function installCdk(example: string): string | undefined {
  const { dependencies } = JSON.parse(readFileSync(join(example, "package.json"), "utf8"));
  const place = join(CACHE, `cdk-${dependencies["aws-cdk"]}-${dependencies["aws-cdk-lib"]}`);
  if (existsSync(place)) return join(place, "node_modules");
  const folder = `${place}-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  cpSync(join(example, "package.json"), join(folder, "package.json"));
  const args = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", args, { cwd: folder, timeout: 120_000, stdio: "ignore" });
  if (status !== 0) return undefined;
  renameSync(folder, place);
  return join(place, "node_modules");
}
