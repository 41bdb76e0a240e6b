import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Context } from "../service.ts";
import { openServiceWorld, START_MS } from "../world.test.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents } from "./get-log-events.ts";
import { logs } from "./index.ts";
import { BATCH_BYTES_MAX, DAY_MS } from "./limits.ts";
import { createLogGroup, putRetentionPolicy } from "./log-groups.ts";
import { createLogStream, deleteLogStream } from "./log-streams.ts";
import { putLogEvents } from "./put-log-events.ts";

const STREAM = { logGroupName: "g", logStreamName: "s" };

async function createStreams(context: Context, ...names: string[]): Promise<void> {
  await createLogGroup({ logGroupName: "g" }, context);
  for (const logStreamName of names) await createLogStream({ logGroupName: "g", logStreamName }, context);
}

const messagesOf = (page: { events?: { message?: string | undefined }[] | undefined }): (string | undefined)[] =>
  (page.events ?? []).map((event) => event.message);

test("batches that the service does not take are refused in its words, whole", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createStreams(context, "s");
  const event = (timestamp: number, message = "x"): { timestamp: number; message: string } => ({ timestamp, message });
  const refused: [ReturnType<typeof event>[], string][] = [
    [
      [event(START_MS), event(START_MS - 1)],
      "Log events in a single PutLogEvents request must be in chronological order.",
    ],
    [
      [event(START_MS - DAY_MS - 1), event(START_MS)],
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    ],
    [[event(START_MS, "é".repeat(BATCH_BYTES_MAX / 2))], "Log event too large: 1048602 bytes exceeds limit of 1048576"],
    [
      [event(START_MS, "x".repeat(1_000_000)), event(START_MS, "x".repeat(48_525))],
      "Upload too large: 1048577 bytes exceeds limit of 1048576",
    ],
  ];
  for (const [logEvents, message] of refused) {
    await assert.rejects(putLogEvents({ ...STREAM, logEvents }, context), {
      code: "InvalidParameterException",
      message,
    });
  }
  const logEvents = [event(START_MS)];
  await assert.rejects(putLogEvents({ ...STREAM, logStreamName: "absent", logEvents }, context), {
    code: "ResourceNotFoundException",
    message: "The specified log stream does not exist.",
  });
  assert.deepEqual(messagesOf(await getLogEvents(STREAM, context)), []);
});

test("events too old, expired or too far ahead are left out and told of", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createStreams(context, "s");
  const HOUR_MS = 3_600_000;
  const put = async (...offsets: number[]): Promise<unknown> => {
    const logEvents = offsets.map((offset) => ({ timestamp: START_MS + offset, message: `${offset}` }));
    return (await putLogEvents({ ...STREAM, logEvents }, context)).rejectedLogEventsInfo;
  };
  assert.equal(await put(-14 * DAY_MS), undefined);
  assert.deepEqual(await put(-14 * DAY_MS - 2, -14 * DAY_MS - 1, -14 * DAY_MS + 1), { tooOldLogEventEndIndex: 2 });
  assert.deepEqual(await put(0, 2 * HOUR_MS, 2 * HOUR_MS + 1), { tooNewLogEventStartIndex: 2 });
  await putRetentionPolicy({ logGroupName: "g", retentionInDays: 1 }, context);
  assert.deepEqual(await put(-DAY_MS - 1, -DAY_MS + 1), { expiredLogEventEndIndex: 1 });
  assert.deepEqual(messagesOf(await getLogEvents({ ...STREAM, startFromHead: true }, context)), [
    `${-DAY_MS + 1}`,
    "0",
    `${2 * HOUR_MS}`,
  ]);
});

test("the times of a read begin with the start and end before the end", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createStreams(context, "s");
  const logEvents = [1, 2, 3, 4].map((offset) => ({ timestamp: START_MS + offset, message: `${offset}` }));
  await putLogEvents({ ...STREAM, logEvents }, context);
  const times = { startTime: START_MS + 2, endTime: START_MS + 4 };
  assert.deepEqual((await getLogEvents({ ...STREAM, ...times }, context)).events, [
    { timestamp: START_MS + 2, message: "2", ingestionTime: START_MS },
    { timestamp: START_MS + 3, message: "3", ingestionTime: START_MS },
  ]);
  assert.deepEqual(messagesOf(await filterLogEvents({ logGroupName: "g", ...times }, context)), ["2", "3"]);

  // A time may be any 64-bit integer.
  const far = { startTime: 2 ** 62, endTime: 2 ** 63 - 1024 };
  assert.deepEqual(messagesOf(await getLogEvents({ ...STREAM, ...far }, context)), []);
  assert.deepEqual(messagesOf(await filterLogEvents({ logGroupName: "g", ...far }, context)), []);
  const future = [{ timestamp: 2 ** 62, message: "x" }];
  assert.deepEqual((await putLogEvents({ ...STREAM, logEvents: future }, context)).rejectedLogEventsInfo, {
    tooNewLogEventStartIndex: 0,
  });
});

test("paging meets every event once in either direction, and ends with the token that was passed in", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createLogGroup({ logGroupName: "g" }, context);
  let runs = 0;
  // Few times and many batches: events of one millisecond, and batches that come late.
  const anyBatch = fc.array(fc.nat(5), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(anyBatch, { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), async (batches, limit) => {
      const stream = { logGroupName: "g", logStreamName: `s${runs++}` };
      await createLogStream(stream, context);
      const put: { timestamp: number; message: string }[] = [];
      for (const [index, batch] of batches.entries()) {
        const logEvents = batch
          .sort((a, b) => a - b)
          .map((offset, place) => ({ timestamp: START_MS + offset, message: `${index}.${place}` }));
        await putLogEvents({ ...stream, logEvents }, context);
        put.push(...logEvents);
      }
      const expected = put.sort((a, b) => a.timestamp - b.timestamp).map((event) => event.message);

      const up = await readAll(stream, limit, true, context);
      assert.deepEqual(up.pages.flat(), expected);
      const down = await readAll(stream, limit, false, context);
      assert.deepEqual(down.pages.toReversed().flat(), expected);
      // From the far end each reader can turn round.
      const turned = await readAll(stream, limit, false, context, up.otherToken);
      assert.deepEqual(turned.pages.toReversed().flat(), expected);
    }),
    { numRuns: 50 },
  );
});

async function readAll(
  stream: typeof STREAM,
  limit: number,
  startFromHead: boolean,
  context: Context,
  first?: string,
): Promise<{ pages: (string | undefined)[][]; otherToken?: string }> {
  const pages: (string | undefined)[][] = [];
  let nextToken = first;
  for (;;) {
    const page = await getLogEvents({ ...stream, limit, startFromHead, nextToken }, context);
    pages.push(messagesOf(page));
    const { nextForwardToken = "", nextBackwardToken = "" } = page;
    const [token, otherToken] = startFromHead
      ? [nextForwardToken, nextBackwardToken]
      : [nextBackwardToken, nextForwardToken];
    if (token === nextToken) return { pages, otherToken };
    nextToken = token;
  }
}

test("a token of another stream, or none at all, is refused", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createStreams(context, "s", "t");
  const { nextForwardToken = "" } = await getLogEvents(STREAM, context);
  assert.match(nextForwardToken, /^f\/\d{56}\/s$/);
  const damaged = nextForwardToken.replace("f/0", "f/1");
  for (const [logStreamName, nextToken] of [
    ["t", nextForwardToken],
    ["s", damaged],
    ["s", "x"],
  ] as const) {
    await assert.rejects(getLogEvents({ logGroupName: "g", logStreamName, nextToken }, context), {
      code: "InvalidParameterException",
      message: "The specified nextToken is invalid.",
    });
  }
});

test("a reader at the end sees what comes later", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createStreams(context, "s");
  const { nextForwardToken } = await getLogEvents(STREAM, context);
  const put = (message: string): Promise<unknown> =>
    putLogEvents({ ...STREAM, logEvents: [{ timestamp: START_MS, message }] }, context);
  await put("first");
  const page = await getLogEvents({ ...STREAM, startFromHead: true, nextToken: nextForwardToken }, context);
  assert.deepEqual(messagesOf(page), ["first"]);
  await put("second");
  const next = { ...STREAM, startFromHead: true, nextToken: page.nextForwardToken };
  assert.deepEqual(messagesOf(await getLogEvents(next, context)), ["second"]);
});

test("a filter goes through all streams in order of time, in pages, up and down", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  const names = ["a1", "a2", "b"];
  await createStreams(context, ...names, "gone");
  for (let index = 0; index < 30; index++) {
    const logStreamName = [...names, "gone"][index % 4] ?? "";
    const logEvents = [{ timestamp: START_MS + index, message: `${index} ${index % 5 === 0 ? "five" : "other"}` }];
    await putLogEvents({ logGroupName: "g", logStreamName, logEvents }, context);
  }
  await deleteLogStream({ logGroupName: "g", logStreamName: "gone" }, context);

  const filter = async (input: Partial<Parameters<typeof filterLogEvents>[0]>): Promise<number[]> => {
    const found: number[] = [];
    const ids = new Set<string | undefined>();
    let nextToken: string | undefined;
    do {
      const page = await filterLogEvents(
        { logGroupName: "g", limit: 2, ...input, ...(nextToken && { nextToken }) },
        context,
      );
      for (const event of page.events ?? []) {
        ids.add(event.eventId);
        found.push(Number.parseInt(event.message ?? "", 10));
      }
      nextToken = page.nextToken;
    } while (nextToken);
    assert.equal(ids.size, found.length);
    return found;
  };
  const all = Array.from({ length: 30 }, (_, index) => index).filter((index) => index % 4 !== 3);
  assert.deepEqual(await filter({}), all);
  assert.deepEqual(await filter({ startFromHead: false }), all.toReversed());
  assert.deepEqual(
    await filter({ filterPattern: "five" }),
    all.filter((index) => index % 5 === 0),
  );
  assert.deepEqual(
    await filter({ logStreamNamePrefix: "a" }),
    all.filter((index) => index % 4 < 2),
  );
  assert.deepEqual(await filter({ logStreamNames: ["b"], startTime: START_MS + 10 }), [10, 14, 18, 22, 26]);

  await assert.rejects(filter({ logStreamNames: ["gone"] }), { code: "ResourceNotFoundException" });
  await assert.rejects(filter({ logStreamNames: ["b"], logStreamNamePrefix: "a" }), {
    code: "InvalidParameterException",
  });
  const { nextToken } = await filterLogEvents({ logGroupName: "g", limit: 1 }, context);
  await assert.rejects(filterLogEvents({ logGroupName: "g", filterPattern: "five", nextToken }, context), {
    message: "The specified nextToken is invalid.",
  });
});

test("a batch of the full size is kept whole", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createStreams(context, "s");
  const logEvents = Array.from({ length: 10_000 }, (_, index) => ({ timestamp: START_MS, message: `${index}` }));
  await putLogEvents({ ...STREAM, logEvents }, context);
  const seen: (string | undefined)[] = [];
  for await (const page of pagesUp(context)) seen.push(...page);
  assert.deepEqual(
    seen,
    logEvents.map((event) => event.message),
  );
});

async function* pagesUp(context: Context): AsyncGenerator<(string | undefined)[]> {
  let nextToken: string | undefined;
  for (;;) {
    const page = await getLogEvents({ ...STREAM, startFromHead: true, nextToken }, context);
    yield messagesOf(page);
    if (page.nextForwardToken === nextToken) return;
    nextToken = page.nextForwardToken;
  }
}
