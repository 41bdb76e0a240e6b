import assert from "node:assert/strict";
import { test } from "node:test";
import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { ModeledError } from "../../../models/modeled-error.ts";
import {
  createEventSourceMapping,
  deleteEventSourceMapping,
  getEventSourceMapping,
  listEventSourceMappings,
  updateEventSourceMapping,
} from "./event-source-mappings.ts";
import { lanes } from "./lane.ts";
import { FUNCTION_ARN, openMappingWorld, QUEUE_ARN, STREAM_ARN } from "./world.test.ts";

async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail("It was not refused"),
    (thrown: unknown) => thrown,
  );
  assert(error instanceof ModeledError, String(error));
  return `${error.code}: ${error.message}`;
}

test("a stream's mapping is shown with its defaults", async () => {
  await using w = await openMappingWorld();
  const created = await createEventSourceMapping(
    { FunctionName: "f", EventSourceArn: STREAM_ARN, StartingPosition: "LATEST" },
    w.context,
  );
  assert.deepEqual(created, {
    UUID: created.UUID,
    BatchSize: 100,
    MaximumBatchingWindowInSeconds: 0,
    ParallelizationFactor: 1,
    MaximumRecordAgeInSeconds: -1,
    MaximumRetryAttempts: -1,
    BisectBatchOnFunctionError: false,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: [],
    DestinationConfig: { OnFailure: {} },
    StartingPosition: "LATEST",
    EventSourceArn: STREAM_ARN,
    FunctionArn: FUNCTION_ARN,
    LastModified: created.LastModified,
    LastProcessingResult: "No records processed",
    State: "Creating",
    StateTransitionReason: "User action",
    EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${created.UUID}`,
  });
  assert.equal((await getEventSourceMapping({ UUID: String(created.UUID) }, w.context)).State, "Enabled");
});

const REFUSED: readonly [Partial<CreateEventSourceMappingRequest>, string][] = [
  [{ FunctionName: "g" }, "InvalidParameterValueException: Function does not exist"],
  [
    { EventSourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/t" },
    "InvalidParameterValueException: Unrecognized event source.",
  ],
  [{ EventSourceArn: `${STREAM_ARN}2` }, `InvalidParameterValueException: Stream not found: ${STREAM_ARN}2`],
  [
    { StartingPosition: undefined },
    "InvalidParameterValueException: 1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
  ],
  [
    { MaximumRecordAgeInSeconds: 30 },
    "InvalidParameterValueException: 1 validation error detected: Value '30' at 'maximumRecordAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
  ],
  [
    { FilterCriteria: { Filters: [{ Pattern: "{" }] } },
    "InvalidParameterValueException: Invalid filter pattern definition.",
  ],
  [
    { TumblingWindowInSeconds: 5 },
    "InvalidParameterValueException: TumblingWindowInSeconds is not built in Trunkline.",
  ],
  [
    { EventSourceArn: QUEUE_ARN, StartingPosition: undefined, BatchSize: 11 },
    "InvalidParameterValueException: Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
  ],
  [
    { EventSourceArn: QUEUE_ARN, StartingPosition: "LATEST" },
    "InvalidParameterValueException: StartingPosition is not valid for SQS event sources.",
  ],
  [
    { EventSourceArn: `${QUEUE_ARN}2`, StartingPosition: undefined },
    "InvalidParameterValueException: Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
  ],
];

test("what does not fit is refused", async () => {
  await using w = await openMappingWorld();
  for (const [given, words] of REFUSED) assert.equal(await refusal(w.map(given)), words);
});

test("a source and a function have one mapping", async () => {
  await using w = await openMappingWorld();
  const uuid = await w.map({});
  assert.equal(
    await refusal(w.map({})),
    `ResourceConflictException: The event source arn (" ${STREAM_ARN} ") and function (" f ") provided mapping already exists. Please update or delete the existing mapping with UUID ${uuid}`,
  );
  await w.map({ FunctionName: "f:live" });
});

test("mappings are listed by source and by function, a page at a time", async () => {
  await using w = await openMappingWorld();
  await w.map({});
  await w.map({ FunctionName: "f2" });
  const queued = await w.map({ EventSourceArn: QUEUE_ARN });
  const uuids = async (input: object): Promise<number> =>
    (await listEventSourceMappings(input, w.context)).EventSourceMappings?.length ?? 0;
  assert.equal(await uuids({}), 3);
  assert.equal(await uuids({ EventSourceArn: STREAM_ARN }), 2);
  assert.equal(await uuids({ FunctionName: "f" }), 2);
  assert.equal(await uuids({ FunctionName: "f", EventSourceArn: STREAM_ARN }), 1);
  const first = await listEventSourceMappings({ MaxItems: 2 }, w.context);
  const second = await listEventSourceMappings({ MaxItems: 2, Marker: first.NextMarker }, w.context);
  const all = [...(first.EventSourceMappings ?? []), ...(second.EventSourceMappings ?? [])];
  assert.equal(new Set(all.map(({ UUID }) => UUID)).size, 3);
  assert(all.some(({ UUID }) => UUID === queued));
});

test("settings change, and an empty one is taken away", async () => {
  await using w = await openMappingWorld();
  const destination = "arn:aws:sqs:us-east-1:000000000000:failures";
  const uuid = await w.map({
    FilterCriteria: { Filters: [{ Pattern: '{"data":{"a":[1]}}' }] },
    DestinationConfig: { OnFailure: { Destination: destination } },
  });
  const changed = await updateEventSourceMapping({ UUID: uuid, BatchSize: 7 }, w.context);
  assert.equal(changed.BatchSize, 7);
  assert.equal(changed.State, "Updating");
  assert.equal(changed.DestinationConfig?.OnFailure?.Destination, destination);
  const cleared = await updateEventSourceMapping(
    { UUID: uuid, FilterCriteria: {}, DestinationConfig: { OnFailure: {} } },
    w.context,
  );
  assert.equal(cleared.FilterCriteria, undefined);
  assert.deepEqual(cleared.DestinationConfig, { OnFailure: {} });
});

test("a deleted mapping reads no more, and leaves nothing behind", async () => {
  await using w = await openMappingWorld();
  const uuid = await w.map({ ParallelizationFactor: 3 });
  await w.settle();
  const deleted = await deleteEventSourceMapping({ UUID: uuid }, w.context);
  assert.equal(deleted.State, "Deleting");
  await w.put("a");
  await w.settle();
  assert.equal(w.batches.length, 0);
  assert.deepEqual((await w.context.store.list(lanes, { limit: 10 })).documents, []);
  assert.equal(
    await refusal(getEventSourceMapping({ UUID: uuid }, w.context)),
    "ResourceNotFoundException: The resource you requested does not exist.",
  );
});
