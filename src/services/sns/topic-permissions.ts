import type { AddPermissionInput, RemovePermissionInput } from "@aws-sdk/client-sns";
import type { Validated } from "../../models/validated.ts";
import type { Statement } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { invalidParameter } from "./errors.ts";
import { getTopic, TOPICS, topicArn, topicKey } from "./topic.ts";

const ACTIONS = new Set(
  `AddPermission DeleteTopic GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource Publish
   PutDataProtectionPolicy RemovePermission SetTopicAttributes Subscribe`.split(/\s+/),
);

/** Adds a statement to a topic's policy that lets accounts do something. */
export async function addPermission(input: Validated<AddPermissionInput>, context: Context): Promise<void> {
  const { Label, AWSAccountId: accounts, ActionName: actions } = input;
  if (accounts.length === 0 || accounts.some((account) => !/^\d{12}$/.test(account))) {
    throw invalidParameter("AWSAccountId");
  }
  if (actions.length === 0 || actions.some((action) => !ACTIONS.has(action))) {
    throw invalidParameter("Policy statement action out of service scope!");
  }
  await context.store.commit(async (unit) => {
    const topic = await getTopic(unit, input.TopicArn, context, "AddPermission");
    if (topic.policy.Statement.some(({ Sid }) => Sid === Label)) throw invalidParameter("Statement already exists");
    const added: Statement = {
      Sid: Label,
      Effect: "Allow",
      Principal: { AWS: one(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
      Action: one(actions.map((action) => `SNS:${action}`)),
      Resource: topicArn(topic),
    };
    const policy = { ...topic.policy, Statement: [...topic.policy.Statement, added] };
    unit.put(TOPICS, topicKey(topic), { ...topic, policy });
  });
}

/** A label that is not there is removed already. */
export async function removePermission(input: Validated<RemovePermissionInput>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const topic = await getTopic(unit, input.TopicArn, context, "RemovePermission");
    const Statement = topic.policy.Statement.filter(({ Sid }) => Sid !== input.Label);
    unit.put(TOPICS, topicKey(topic), { ...topic, policy: { ...topic.policy, Statement } });
  });
}

/** A list of one is written without its brackets. */
function one(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? String(values[0]) : values;
}
