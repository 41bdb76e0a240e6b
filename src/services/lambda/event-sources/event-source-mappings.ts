import type {
  CreateEventSourceMappingRequest,
  DeleteEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  GetEventSourceMappingRequest,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { findStreamSource, type StreamSource } from "../../kinesis/index.ts";
import { listPage } from "../../list-page.ts";
import type { Caller, Context, Platform } from "../../service.ts";
import { attributeMs, findQueueByArn, type Queue } from "../../sqs/index.ts";
import { functionsOf, type MappedFunction } from "./functions.ts";
import { type Lane, laneKey, lanePrefix, lanes } from "./lane.ts";
import { configurationOf, type EventSourceMapping, mappingKey, mappings, type SourceKind } from "./mapping.ts";
import { changedSettings, invalid } from "./mapping-settings.ts";
import { CANNOT_ASSUME_ROLE } from "./reading-mapping.ts";
import { findMissingAction, type RoleCaller } from "./source-access.ts";
import { initialLanes } from "./stream-reader.ts";

/** Connects a function with a stream or a queue. What is written after the answer is read, from whatever position. */
export async function createEventSourceMapping(
  input: Validated<CreateEventSourceMappingRequest>,
  context: Context,
): Promise<EventSourceMappingConfiguration> {
  const { FunctionName, EventSourceArn, Enabled = true, Tags: _, ...given } = input;
  if (EventSourceArn === undefined) throw invalid("Unrecognized event source.");
  const source = sourceKind(EventSourceArn);
  const target = await findFunction(context, FunctionName);
  const unsettled = {
    account: context.account,
    region: context.region,
    uuid: context.ids.uuid(),
    sourceArn: EventSourceArn,
    source,
    functionArn: target.arn,
    isEnabled: Enabled,
    modifiedMs: context.clock.now(),
    revision: 1,
    ...(source === "kinesis" && { lastResult: "No records processed" }),
  };
  const found = await findSource(context, unsettled, target);
  const settings = changedSettings(source, given, {
    isFifo: "queue" in found && found.queue.fifo,
    nowMs: context.clock.now(),
  });
  const mapping: EventSourceMapping = { ...unsettled, settings };
  const first = "stream" in found ? await initialLanes(mapping, found.stream) : [];
  await context.store.commit(async (unit) => {
    await refuseSecond(unit, mapping);
    unit.put(mappings, mappingKey(mapping), mapping);
    for (const lane of first) unit.put(lanes, laneKey(mapping, lane), lane);
  });
  return configurationOf(mapping, "Creating");
}

export async function getEventSourceMapping(
  input: Validated<GetEventSourceMappingRequest>,
  context: Context,
): Promise<EventSourceMappingConfiguration> {
  return configurationOf(await getMapping(context.store, input.UUID, context));
}

const LIST_ITEMS_MAX = 100;

/** All mappings, those of a source, those of a function, or those of both. */
export async function listEventSourceMappings(
  input: Validated<ListEventSourceMappingsRequest>,
  context: Context,
): Promise<ListEventSourceMappingsResponse> {
  const { EventSourceArn: sourceArn, FunctionName: name, Marker: token, MaxItems = LIST_ITEMS_MAX } = input;
  const { account, region } = context;
  const functionArn = name === undefined ? undefined : functionArnOf(name, context);
  const listing = {
    collection: mappings,
    ...(functionArn !== undefined && { index: "function" }),
    under: functionArn === undefined ? [account, region] : [account, region, functionArn],
    nameOf: ({ uuid }: EventSourceMapping) => uuid,
    keep: (mapping: EventSourceMapping) => sourceArn === undefined || mapping.sourceArn === sourceArn,
  };
  const page = await listPage(context.store, listing, {
    of: [account, region, "ListEventSourceMappings", sourceArn, functionArn],
    token,
    limit: Math.min(MaxItems, LIST_ITEMS_MAX),
    refuse: () => invalid("Invalid Marker."),
  });
  return {
    EventSourceMappings: page.items.map((mapping) => configurationOf(mapping)),
    ...(page.nextToken !== undefined && { NextMarker: page.nextToken }),
  };
}

/** Changes settings, the function, or whether it reads at all. A batch that is with the function is ended with the old ones. */
export async function updateEventSourceMapping(
  input: Validated<UpdateEventSourceMappingRequest>,
  context: Context,
): Promise<EventSourceMappingConfiguration> {
  const { UUID, FunctionName, Enabled, ...given } = input;
  const before = await getMapping(context.store, UUID, context);
  const target = await findFunction(context, FunctionName ?? before.functionArn);
  const found = await findSource(context, before, target);
  const mapping = await context.store.commit(async (unit) => {
    const current = await getMapping(unit, UUID, context);
    const changed: EventSourceMapping = {
      ...current,
      functionArn: target.arn,
      isEnabled: Enabled ?? current.isEnabled,
      settings: changedSettings(current.source, given, {
        before: current.settings,
        isFifo: "queue" in found && found.queue.fifo,
        nowMs: context.clock.now(),
      }),
      modifiedMs: context.clock.now(),
      revision: current.revision + 1,
    };
    if (changed.functionArn !== current.functionArn) await refuseSecond(unit, changed);
    unit.put(mappings, mappingKey(changed), changed);
    if (changed.settings.ParallelizationFactor !== current.settings.ParallelizationFactor) await divide(unit, changed);
    return { changed, wasEnabled: current.isEnabled };
  });
  const { changed, wasEnabled } = mapping;
  const state = changed.isEnabled === wasEnabled ? "Updating" : changed.isEnabled ? "Enabling" : "Disabling";
  return configurationOf(changed, state);
}

export async function deleteEventSourceMapping(
  input: Validated<DeleteEventSourceMappingRequest>,
  context: Context,
): Promise<EventSourceMappingConfiguration> {
  const mapping = await context.store.commit(async (unit) => {
    const found = await getMapping(unit, input.UUID, context);
    unit.delete(mappings, mappingKey(found));
    scheduleForget(unit, context, lanePrefix(found));
    return found;
  });
  return configurationOf(mapping, "Deleting");
}

const FORGET = "lambda.forget-lanes";
const FORGET_AT_ONCE = 100;

/** Deletes the lanes of a deleted mapping, some at a time. */
export function registerForgetting(platform: Platform): void {
  platform.flow.onTimer(FORGET, async (unit, { payload }) => {
    const prefix = String(payload);
    const page = await unit.list(lanes, { prefix, limit: FORGET_AT_ONCE });
    const [account = "", region = "", uuid = ""] = prefix.split("\u001f");
    for (const lane of page.documents) unit.delete(lanes, laneKey({ account, region, uuid }, lane));
    if (page.next !== undefined) scheduleForget(unit, platform, prefix);
  });
}

function scheduleForget(unit: Unit, { flow, clock }: Pick<Platform, "flow" | "clock">, prefix: string): void {
  flow.schedule(unit, { id: `${FORGET}/${prefix}`, kind: FORGET, dueMs: clock.now(), payload: prefix });
}

async function getMapping(
  reader: Reader,
  uuid: string,
  { account, region }: Pick<Caller, "account" | "region">,
): Promise<EventSourceMapping> {
  const mapping = await reader.get(mappings, mappingKey({ account, region, uuid: uuid.toLowerCase() }));
  if (mapping === undefined) {
    throw new ModeledError("ResourceNotFoundException", "The resource you requested does not exist.", { Type: "User" });
  }
  return mapping;
}

function sourceKind(arn: string): SourceKind {
  if (/^arn:aws:kinesis:[^:]+:\d{12}:stream\//.test(arn)) return "kinesis";
  if (/^arn:aws:sqs:[^:]+:\d{12}:/.test(arn)) return "sqs";
  throw invalid("Unrecognized event source.");
}

async function findFunction(context: Context, name: string): Promise<MappedFunction> {
  const found = await functionsOf(context.store).find(context.store, functionArnOf(name, context), context);
  if (found === undefined) throw invalid("Function does not exist");
  return found;
}

const FUNCTION_NAME =
  /^(?:arn:aws:lambda:)?(?:(?<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9-_.]+)(?::(?<qualifier>[^:]+))?$/;

/** The ARN that a name, part of an ARN or an ARN stands for, with its qualifier where it has one. */
function functionArnOf(name: string, caller: Pick<Caller, "account" | "region">): string {
  const {
    region = caller.region,
    account = caller.account,
    name: bare = name,
    qualifier,
  } = FUNCTION_NAME.exec(name)?.groups ?? {};
  const arn = `arn:aws:lambda:${region}:${account}:function:${bare}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** The stream or the queue, where the function's role may read it. */
async function findSource(
  context: Context,
  mapping: Pick<EventSourceMapping, "account" | "region" | "source" | "sourceArn">,
  { roleArn, timeoutSeconds }: MappedFunction,
): Promise<{ readonly stream: StreamSource } | { readonly queue: Queue }> {
  const { source, sourceArn } = mapping;
  const caller = await functionsOf(context.store).actAs(context, mapping, roleArn);
  if (caller === undefined) throw invalid(CANNOT_ASSUME_ROLE);
  if (source === "kinesis") {
    const stream = await findStream(context, sourceArn, caller);
    if (await findMissingAction(context, mapping, caller, stream.policy)) throw cannotRead(sourceArn);
    return { stream };
  }
  const queue = sourceArn.split(":")[3] === context.region ? await findQueueByArn(context.store, sourceArn) : undefined;
  if (queue === undefined) {
    throw invalid(
      "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
    );
  }
  const missing = await findMissingAction(context, mapping, caller, queue.attributes.Policy);
  if (missing !== undefined) {
    throw invalid(
      `The provided execution role does not have permissions to call ${missing.action.slice("sqs:".length)} on SQS`,
    );
  }
  const visibilitySeconds = attributeMs(queue, "VisibilityTimeout") / 1000;
  if (visibilitySeconds < timeoutSeconds) {
    throw invalid(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
  return { queue };
}

async function findStream(context: Context, sourceArn: string, caller: RoleCaller): Promise<StreamSource> {
  try {
    return await findStreamSource(context, sourceArn, caller);
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    if (error.code === "AccessDeniedException") throw cannotRead(sourceArn);
    throw invalid(`Stream not found: ${sourceArn}`);
  }
}

function cannotRead(sourceArn: string): ModeledError {
  return invalid(
    `Cannot access stream ${sourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.`,
  );
}

async function refuseSecond(unit: Unit, mapping: EventSourceMapping): Promise<void> {
  const { account, region, functionArn, sourceArn } = mapping;
  const page = await unit.list(mappings, {
    index: "pair",
    equals: compositeKey(account, region, sourceArn, functionArn),
    limit: 1,
  });
  const [other] = page.documents;
  if (other === undefined || other.uuid === mapping.uuid) return;
  throw new ModeledError(
    "ResourceConflictException",
    `The event source arn (" ${sourceArn} ") and function (" ${functionArn.split(":")[6]} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${other.uuid}`,
    { Type: "User" },
  );
}

/** The lanes of each shard anew, as many as the parallelization factor says now: from where the last of the old ones is. */
async function divide(unit: Unit, mapping: EventSourceMapping): Promise<void> {
  const shards = new Map<string, Lane[]>();
  let after: string | undefined;
  do {
    const page = await unit.list(lanes, { prefix: lanePrefix(mapping), limit: 1_000, after });
    for (const lane of page.documents) {
      const key = `${lane.streamId} ${lane.shardIndex}`;
      shards.set(key, [...(shards.get(key) ?? []), lane]);
    }
    after = page.next;
  } while (after !== undefined);
  const count = mapping.settings.ParallelizationFactor ?? 1;
  for (const old of shards.values()) {
    const [first] = old;
    if (first === undefined) continue;
    for (const lane of old) unit.delete(lanes, laneKey(mapping, lane));
    const { streamId, shardIndex } = first;
    const next = Math.min(...old.map((lane) => lane.next));
    const isDrained = old.every((lane) => lane.isDrained);
    for (let lane = 0; lane < count; lane++) {
      unit.put(lanes, laneKey(mapping, { streamId, shardIndex, lane }), {
        mapping: mapping.uuid,
        streamId,
        shardIndex,
        lane,
        lanes: count,
        next,
        ...(isDrained && { isDrained: true as const }),
      });
    }
  }
}
