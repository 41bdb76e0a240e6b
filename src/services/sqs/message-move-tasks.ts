/**
 * Moving messages out of a dead-letter queue, back to where they came from or to another queue.
 *
 * A task is a document; a durable timer makes its steps, each one unit. A task ends when there is no message left that could be received;
 * those that are hidden just then stay.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
import type {
  CancelMessageMoveTaskRequest,
  CancelMessageMoveTaskResult,
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskRequest,
  StartMessageMoveTaskResult,
} from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Caller, Context, Platform } from "../service.ts";
import { invalidParameterValue, invalidValue } from "./errors.ts";
import { MOVE_RATE_MAX, MOVE_TASKS_LISTED_MAX } from "./limits.ts";
import { type Content, countMessages, moveReady } from "./messages.ts";
import { findQueueByArn, parseQueueArn, type Queue, queues } from "./queue.ts";

interface MoveTask {
  readonly taskId: string;
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly perSecond?: number;
  readonly status: "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";
  readonly startedMs: number;
  readonly moved: number;
  readonly toMove: number;
  readonly failure?: string;
}

/** Newest first: by the time that is left until the end of times. */
const tasks: Collection<MoveTask> = collection<MoveTask>("sqs_move_tasks");

function taskKey({ sourceArn, startedMs, taskId }: Pick<MoveTask, "sourceArn" | "startedMs" | "taskId">): string {
  return compositeKey(sourceArn, Number.MAX_SAFE_INTEGER - startedMs, taskId);
}

const STEP = "sqs.move-messages";
/** Messages that a step moves, so that no unit takes long. */
const STEP_MESSAGES = 50;
/** Tasks of a queue that are kept. */
const KEPT_TASKS = MOVE_TASKS_LISTED_MAX;

export async function startMessageMoveTask(
  input: Validated<StartMessageMoveTaskRequest>,
  context: Context,
): Promise<StartMessageMoveTaskResult> {
  const { SourceArn: sourceArn, DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: perSecond } = input;
  if (perSecond !== undefined && (perSecond < 1 || perSecond > MOVE_RATE_MAX)) {
    throw invalidValue(
      perSecond,
      "MaxNumberOfMessagesPerSecond",
      `You must provide a value between 1 and ${MOVE_RATE_MAX}.`,
    );
  }
  const taskId = context.ids.uuid();
  await context.store.commit(async (unit) => {
    const source = await getOwnQueue(unit, sourceArn, "SourceArn", context);
    const destination =
      destinationArn === undefined ? undefined : await getOwnQueue(unit, destinationArn, "DestinationArn", context);
    if (destinationArn === sourceArn) {
      throw invalidParameterValue("Source queue arn and destination queue arn cannot be the same.");
    }
    if (!(await isDeadLetterQueue(unit, sourceArn))) {
      throw invalidParameterValue("Source queue must be configured as a Dead Letter Queue.");
    }
    if (destination !== undefined && destination.fifo !== source.fifo) {
      throw invalidParameterValue("Source queue and destination queue must be of the same type.");
    }
    const kept = await listTasks(unit, sourceArn, KEPT_TASKS);
    if (kept.some(({ status }) => status === "RUNNING")) {
      throw invalidParameterValue(
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      );
    }
    const oldest = kept.length === KEPT_TASKS ? kept.at(-1) : undefined;
    if (oldest !== undefined) unit.delete(tasks, taskKey(oldest));
    const { visible } = await countMessages(unit, source, context.clock.now());
    const task: MoveTask = {
      taskId,
      sourceArn,
      ...(destinationArn !== undefined && { destinationArn }),
      ...(perSecond !== undefined && { perSecond }),
      status: "RUNNING",
      startedMs: context.clock.now(),
      moved: 0,
      toMove: visible,
    };
    unit.put(tasks, taskKey(task), task);
    scheduleStep(unit, context, task, task.startedMs);
  });
  return { TaskHandle: encodeHandle(taskId, sourceArn) };
}

/** The latest tasks of a queue, newest first; without a number the latest one. */
export async function listMessageMoveTasks(
  input: Validated<ListMessageMoveTasksRequest>,
  context: Context,
): Promise<ListMessageMoveTasksResult> {
  const { SourceArn: sourceArn, MaxResults: limit = 1 } = input;
  if (limit < 1 || limit > MOVE_TASKS_LISTED_MAX) {
    throw invalidValue(limit, "MaxResults", `You must provide a value between 1 and ${MOVE_TASKS_LISTED_MAX}.`);
  }
  await getOwnQueue(context.store, sourceArn, "SourceArn", context);
  return { Results: (await listTasks(context.store, sourceArn, limit)).map(showTask) };
}

export async function cancelMessageMoveTask(
  input: Validated<CancelMessageMoveTaskRequest>,
  context: Context,
): Promise<CancelMessageMoveTaskResult> {
  const { taskId, sourceArn } = decodeHandle(input.TaskHandle);
  return await context.store.commit(async (unit) => {
    await getOwnQueue(unit, sourceArn, "SourceArn", context);
    const task = (await listTasks(unit, sourceArn, KEPT_TASKS)).find((one) => one.taskId === taskId);
    if (task === undefined) throw new ModeledError("ResourceNotFoundException", "Task does not exist.");
    if (task.status !== "RUNNING") throw invalidParameterValue("Only active tasks can be cancelled.");
    unit.put(tasks, taskKey(task), { ...task, status: "CANCELLED" });
    context.flow.cancel(unit, timerId(task));
    return { ApproximateNumberOfMessagesMoved: task.moved };
  });
}

export function registerMoveTimer(platform: Platform): void {
  platform.flow.onTimer(STEP, (unit, { payload }) => step(unit, platform, String(payload)));
}

async function step(unit: Unit, platform: Platform, key: string): Promise<void> {
  const task = await unit.get(tasks, key);
  if (task?.status !== "RUNNING") return;
  const source = await findQueueByArn(unit, task.sourceArn);
  if (source === undefined) return unit.put(tasks, key, failed(task, "AWS.SimpleQueueService.NonExistentQueue"));
  const moved = await moveReady(unit, platform, source, {
    limit: Math.min(STEP_MESSAGES, task.perSecond ?? STEP_MESSAGES),
    to: (content) => findDestination(unit, task, content),
    idOf: (message) => derivedUuid(task.taskId, message.messageId),
  });
  const after: MoveTask = { ...task, moved: task.moved + moved.count };
  if (moved.stuck !== undefined) return unit.put(tasks, key, failed(after, moved.stuck));
  if (moved.count === 0) return unit.put(tasks, key, { ...after, status: "COMPLETED" });
  unit.put(tasks, key, after);
  const waitMs = task.perSecond === undefined ? 0 : Math.ceil((moved.count / task.perSecond) * 1000);
  scheduleStep(unit, platform, task, platform.clock.now() + waitMs);
}

/** The queue that a message goes to, or why there is none. */
async function findDestination(
  unit: Unit,
  { destinationArn }: MoveTask,
  { deadLetterSourceArn }: Content,
): Promise<Queue | string> {
  const arn = destinationArn ?? deadLetterSourceArn;
  if (arn === undefined) return "CouldNotDetermineMessageSource";
  return (await findQueueByArn(unit, arn)) ?? "AWS.SimpleQueueService.NonExistentQueue";
}

function failed(task: MoveTask, failure: string): MoveTask {
  return { ...task, status: "FAILED", failure };
}

function timerId({ taskId }: Pick<MoveTask, "taskId">): string {
  return `${STEP}/${taskId}`;
}

function scheduleStep(unit: Unit, { flow }: Pick<Platform, "flow">, task: MoveTask, dueMs: number): void {
  flow.schedule(unit, { id: timerId(task), kind: STEP, dueMs, payload: taskKey(task) });
}

async function listTasks(reader: Reader, sourceArn: string, limit: number): Promise<readonly MoveTask[]> {
  return (await reader.list(tasks, { prefix: compositeKey(sourceArn, ""), limit })).documents;
}

async function getOwnQueue(
  reader: Reader,
  arn: string,
  parameter: "SourceArn" | "DestinationArn",
  { account, region }: Pick<Caller, "account" | "region">,
): Promise<Queue> {
  const parsed = parseQueueArn(arn);
  const isOwn = parsed?.account === account && parsed.region === region;
  const queue = isOwn ? await findQueueByArn(reader, arn) : undefined;
  if (queue !== undefined) return queue;
  throw new ModeledError(
    "ResourceNotFoundException",
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
  );
}

async function isDeadLetterQueue(reader: Reader, arn: string): Promise<boolean> {
  const page = await reader.list(queues, { index: "deadLetter", prefix: compositeKey(arn, ""), limit: 1 });
  return page.documents.length > 0;
}

/** Only a task that runs can be cancelled, so only it has a handle. */
function showTask(task: MoveTask): ListMessageMoveTasksResultEntry {
  const { taskId, sourceArn, destinationArn, perSecond, status, failure } = task;
  return {
    ...(status === "RUNNING" && { TaskHandle: encodeHandle(taskId, sourceArn) }),
    Status: status,
    SourceArn: sourceArn,
    ...(destinationArn !== undefined && { DestinationArn: destinationArn }),
    ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: perSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(failure !== undefined && { FailureReason: failure }),
    StartedTimestamp: task.startedMs,
  };
}

function encodeHandle(taskId: string, sourceArn: string): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString("base64");
}

function decodeHandle(handle: string): { readonly taskId: string; readonly sourceArn: string } {
  const { taskId, sourceArn } = parseJsonObject(Buffer.from(handle, "base64").toString()) ?? {};
  if (typeof taskId === "string" && typeof sourceArn === "string") return { taskId, sourceArn };
  throw invalidParameterValue("Value for parameter TaskHandle is invalid.");
}
