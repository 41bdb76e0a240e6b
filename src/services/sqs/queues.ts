import type {
  CreateQueueRequest,
  CreateQueueResult,
  DeleteQueueRequest,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  ListDeadLetterSourceQueuesRequest,
  ListDeadLetterSourceQueuesResult,
  ListQueuesRequest,
  ListQueuesResult,
  PurgeQueueRequest,
} from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { type ListedPage, listPage, type PageRequest } from "../list-page.ts";
import type { Context, Platform } from "../service.ts";
import { invalidParameterValue, queueDoesNotExist } from "./errors.ts";
import { LIST_RESULTS_MAX, PURGE_INTERVAL_MS, RECREATE_INTERVAL_MS } from "./limits.ts";
import { discardContents } from "./messages.ts";
import { findUsableQueue, getQueue, type Queue, queueArn, queueKey, queues, queueUrl } from "./queue.ts";
import { initialAttributes } from "./queue-attributes.ts";
import { checkTags } from "./tags.ts";

/** When a queue of this name was deleted; kept for the time in which the name must not be used again. */
interface Deletion {
  readonly deletedMs: number;
}

const deletions: Collection<Deletion> = collection<Deletion>("sqs_deletions");
const FORGET_DELETION = "sqs.forget-deletion";

/** Creates a queue, or answers with the one of this name where no given attribute differs. */
export async function createQueue(input: Validated<CreateQueueRequest>, context: Context): Promise<CreateQueueResult> {
  const wanted = input.Attributes ?? {};
  const queue: Queue = {
    account: context.account,
    region: context.region,
    name: input.QueueName,
    id: context.ids.uuid(),
    purges: 0,
    fifo: wanted.FifoQueue === "true",
    attributes: {},
    tags: input.tags ?? {},
    createdMs: context.clock.now(),
    modifiedMs: context.clock.now(),
  };
  checkName(queue);
  checkTags(queue.tags, queue.name);

  await context.store.commit(async (unit) => {
    const existing = await unit.get(queues, queueKey(queue));
    const attributes = await initialAttributes(unit, queue, wanted);
    if (existing === undefined) {
      if (context.limits.enforced) await checkNotDeletedRecently(unit, queue, context);
      unit.put(queues, queueKey(queue), { ...queue, attributes });
    } else {
      checkSameAttributes(existing, wanted);
    }
  });
  return { QueueUrl: queueUrl(queue, context) };
}

function checkName({ name, fifo }: Queue): void {
  const characters = "alphanumeric characters, hyphens, or underscores";
  if (fifo) {
    if (/^[\w-]{1,75}\.fifo$/.test(name)) return;
    throw invalidParameterValue(
      `The name of a FIFO queue can only include ${characters}, must end with .fifo suffix and be 1 to 80 in length`,
    );
  }
  if (!/^[\w-]{1,80}$/.test(name)) throw invalidParameterValue(`Can only include ${characters}. 1 to 80 in length`);
}

function checkSameAttributes(existing: Queue, wanted: Readonly<Record<string, string>>): void {
  const different = Object.entries(wanted).find(([name, value]) => value !== (existing.attributes[name] ?? ""));
  if (different === undefined) return;
  throw new ModeledError(
    "QueueNameExists",
    `A queue already exists with the same name and a different value for attribute ${different[0]}`,
  );
}

async function checkNotDeletedRecently(unit: Unit, queue: Queue, context: Context): Promise<void> {
  const deletion = await unit.get(deletions, queueKey(queue));
  if (deletion === undefined || context.clock.now() >= deletion.deletedMs + RECREATE_INTERVAL_MS) return;
  throw new ModeledError(
    "QueueDeletedRecently",
    "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
  );
}

export async function deleteQueue(input: Validated<DeleteQueueRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context);
    unit.delete(queues, queueKey(queue));
    discardContents(unit, context, queue);
    if (context.limits.enforced) rememberDeletion(unit, context, queue);
  });
}

function rememberDeletion(unit: Unit, context: Context, queue: Queue): void {
  const deletedMs = context.clock.now();
  unit.put(deletions, queueKey(queue), { deletedMs });
  context.flow.schedule(unit, {
    id: `${FORGET_DELETION}/${queue.id}`,
    kind: FORGET_DELETION,
    dueMs: deletedMs + RECREATE_INTERVAL_MS,
    payload: queueKey(queue),
  });
}

/** Forgets deletions whose time is over. */
export function registerDeletionTimer(platform: Platform): void {
  platform.flow.onTimer(FORGET_DELETION, async (unit, timer) => unit.delete(deletions, String(timer.payload)));
}

export async function getQueueUrl(input: Validated<GetQueueUrlRequest>, context: Context): Promise<GetQueueUrlResult> {
  const { QueueName: name, QueueOwnerAWSAccountId: account = context.account } = input;
  const queue = await findUsableQueue(context.store, { account, region: context.region, name }, context, "GetQueueUrl");
  if (queue === undefined) throw queueDoesNotExist();
  return { QueueUrl: queueUrl(queue, context) };
}

/** All queues whose names start with a prefix, in the order of their names. */
export async function listQueues(input: Validated<ListQueuesRequest>, context: Context): Promise<ListQueuesResult> {
  const { account, region } = context;
  const prefix = input.QueueNamePrefix ?? "";
  const listing = { collection: queues, under: [account, region], prefix, nameOf };
  const page = await listPage(context.store, listing, pageRequest(context, input, ["ListQueues", prefix]));
  return {
    ...(page.items.length > 0 && { QueueUrls: page.items.map((queue) => queueUrl(queue, context)) }),
    ...nextToken(page, input),
  };
}

export async function listDeadLetterSourceQueues(
  input: Validated<ListDeadLetterSourceQueuesRequest>,
  context: Context,
): Promise<ListDeadLetterSourceQueuesResult> {
  const arn = queueArn(await getQueue(context.store, input.QueueUrl, context, "ListDeadLetterSourceQueues"));
  const listing = { collection: queues, index: "deadLetter", under: [arn], nameOf };
  const page = await listPage(context.store, listing, pageRequest(context, input, ["ListDeadLetterSourceQueues", arn]));
  return { queueUrls: page.items.map((queue) => queueUrl(queue, context)), ...nextToken(page, input) };
}

function nameOf({ name }: Queue): string {
  return name;
}

interface Paged {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function pageRequest({ account, region }: Context, input: Paged, listing: readonly string[]): PageRequest {
  const limit = input.MaxResults ?? LIST_RESULTS_MAX;
  if (limit < 1 || limit > LIST_RESULTS_MAX) {
    throw invalidParameterValue(
      "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.",
    );
  }
  return {
    of: [account, region, ...listing],
    token: input.NextToken,
    limit,
    refuse: () => invalidParameterValue("Invalid or expired next token."),
  };
}

/** Without MaxResults the service gives up to 1,000 results and no token. */
function nextToken(page: ListedPage<Queue>, { MaxResults }: Paged): { NextToken?: string } {
  return page.nextToken === undefined || MaxResults === undefined ? {} : { NextToken: page.nextToken };
}

/** Empties a queue, messages in flight and delayed ones included. */
export async function purgeQueue(input: Validated<PurgeQueueRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "PurgeQueue");
    const nowMs = context.clock.now();
    if (queue.purgedMs !== undefined && nowMs < queue.purgedMs + PURGE_INTERVAL_MS) {
      throw new ModeledError(
        "PurgeQueueInProgress",
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
      );
    }
    discardContents(unit, context, queue);
    unit.put(queues, queueKey(queue), { ...queue, purges: queue.purges + 1, purgedMs: nowMs });
  });
}
