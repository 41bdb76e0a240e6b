/** Templates as those write them who build on these services: each becomes a stack as it is, and goes without a rest. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { zipOf } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const stacks = new CloudFormationClient(server.client);
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: "code" }));
const layer = await zipOf({ "nodejs/shared.js": "exports.shared = 1;" });
await s3.send(new PutObjectCommand({ Bucket: "code", Key: "layer.zip", Body: layer }));

/** How an operation of a stack has ended, with the reasons of what has failed. */
async function outcome(StackName: string): Promise<string> {
  await server.app.platform().flow.drained(30_000);
  const { Stacks: [stack] = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName }));
  const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("FAILED"));
  const reasons = failed.map((event) => `\n${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
  return `${stack?.StackStatus}${reasons.join("")}`;
}

for (const name of ["lake", "callbacks", "centre"]) {
  test(`${name}.yaml is deployed and destroyed`, async () => {
    const TemplateBody = readFileSync(new URL(`templates/${name}.yaml`, import.meta.url), "utf8");
    const given = { StackName: name, TemplateBody, Capabilities: ["CAPABILITY_NAMED_IAM" as const] };
    const { StackId = "" } = await stacks.send(new CreateStackCommand(given));
    assert.equal(await outcome(StackId), "CREATE_COMPLETE");
    await stacks.send(new DeleteStackCommand({ StackName: StackId }));
    assert.equal(await outcome(StackId), "DELETE_COMPLETE");
  });
}
