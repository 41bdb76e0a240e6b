import type { AddPermissionRequest, RemovePermissionRequest } from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Context } from "../service.ts";
import { invalidValue, missingParameter } from "./errors.ts";
import { PERMISSION_ACTIONS_MAX } from "./limits.ts";
import { getQueue, type Queue, queueArn, queueKey, queues } from "./queue.ts";

/** What AddPermission can share; what else there is, only the owner may do. */
const SHAREABLE = [
  "*",
  "ChangeMessageVisibility",
  "DeleteMessage",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListDeadLetterSourceQueues",
  "PurgeQueue",
  "ReceiveMessage",
  "SendMessage",
];

const OWNERS_ONLY = [
  "AddPermission",
  "CancelMessageMoveTask",
  "CreateQueue",
  "DeleteQueue",
  "ListMessageMoveTasks",
  "ListQueues",
  "ListQueueTags",
  "RemovePermission",
  "SetQueueAttributes",
  "StartMessageMoveTask",
  "TagQueue",
  "UntagQueue",
];

interface Statement {
  readonly Sid?: unknown;
}

/** Lets other accounts do something with a queue: a statement of its policy, with the label as its Sid. */
export async function addPermission(input: Validated<AddPermissionRequest>, context: Context): Promise<void> {
  checkLabel(input.Label);
  checkAccounts(input.AWSAccountIds);
  checkActions(input.Actions);
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context);
    const { policy, statements } = policyOf(queue);
    if (statements.some(({ Sid }) => Sid === input.Label)) {
      throw invalidValue(input.Label, "Label", "Already exists.");
    }
    const statement = {
      Sid: input.Label,
      Effect: "Allow",
      Principal: { AWS: oneOrMany(input.AWSAccountIds.map((account) => `arn:aws:iam::${account}:root`)) },
      Action: oneOrMany(input.Actions.map((action) => `SQS:${action}`)),
      Resource: queueArn(queue),
    };
    const Policy = JSON.stringify({ ...policy, Statement: [...statements, statement] });
    unit.put(queues, queueKey(queue), {
      ...queue,
      attributes: { ...queue.attributes, Policy },
      modifiedMs: context.clock.now(),
    });
  });
}

/** Takes a statement out of a queue's policy; with the last one goes the policy. */
export async function removePermission(input: Validated<RemovePermissionRequest>, context: Context): Promise<void> {
  checkLabel(input.Label);
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context);
    const { policy, statements } = policyOf(queue);
    const left = statements.filter(({ Sid }) => Sid !== input.Label);
    if (left.length === statements.length) {
      throw invalidValue(input.Label, "Label", "can't find label on existing policy.");
    }
    const { Policy: _, ...attributes } = queue.attributes;
    const kept = left.length > 0 && { Policy: JSON.stringify({ ...policy, Statement: left }) };
    unit.put(queues, queueKey(queue), {
      ...queue,
      attributes: { ...attributes, ...kept },
      modifiedMs: context.clock.now(),
    });
  });
}

/** A queue's policy and its statements; without one, that which AddPermission begins with. */
function policyOf(queue: Queue): { readonly policy: object; readonly statements: readonly Statement[] } {
  const policy = parseJsonObject(queue.attributes.Policy ?? "");
  if (policy === undefined) {
    return { policy: { Version: "2008-10-17", Id: `${queueArn(queue)}/SQSDefaultPolicy` }, statements: [] };
  }
  const { Statement: statements = [] } = policy;
  return { policy, statements: [statements].flat() as readonly Statement[] };
}

function checkLabel(label: string): void {
  if (/^[\w-]{1,80}$/.test(label)) return;
  throw invalidValue(
    label,
    "Label",
    "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
  );
}

function checkAccounts(accounts: readonly string[]): void {
  if (accounts.length === 0) throw missingParameter("AWSAccountIds");
  const wrong = accounts.filter((account) => !/^\d{12}$/.test(account));
  if (wrong.length > 0) throw invalidValue(`[${wrong.join(", ")}]`, "PrincipalId", "Unable to verify.");
}

function checkActions(actions: readonly string[]): void {
  if (actions.length === 0) throw missingParameter("Actions");
  if (actions.length > PERMISSION_ACTIONS_MAX) {
    throw new ModeledError(
      "OverLimit",
      `${actions.length} Actions were found, maximum allowed is ${PERMISSION_ACTIONS_MAX}.`,
    );
  }
  const wrong = actions.find((action) => !SHAREABLE.includes(action));
  if (wrong === undefined) return;
  const reason = OWNERS_ONLY.includes(wrong)
    ? "Only the queue owner is allowed to invoke this action."
    : "Please refer to the appropriate WSDL for a list of valid actions.";
  throw invalidValue(`SQS:${wrong}`, "ActionName", reason);
}

function oneOrMany(texts: readonly string[]): string | readonly string[] {
  return texts.length === 1 && texts[0] !== undefined ? texts[0] : texts;
}
