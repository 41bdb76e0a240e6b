import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStream as LogStreamSummary,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { discardStream } from "./events.ts";
import { DESCRIBE_LIMIT } from "./limits.ts";
import { getGroup, getNamedGroup, groupArn, type LogGroup } from "./log-group.ts";
import {
  getStream,
  type LogStream,
  lastEventKey,
  logStreams,
  newStream,
  sequenceToken,
  streamKey,
} from "./log-stream.ts";
import { positionOf } from "./position.ts";

export async function createLogStream(input: Validated<CreateLogStreamRequest>, context: Context): Promise<void> {
  const id = context.ids.uuid();
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, input.logGroupName, context);
    const stream = newStream(group, input.logStreamName, id, context.clock.now());
    if ((await unit.get(logStreams, streamKey(stream))) !== undefined) {
      throw new ModeledError("ResourceAlreadyExistsException", "The specified log stream already exists");
    }
    unit.put(logStreams, streamKey(stream), stream);
  });
}

export async function deleteLogStream(input: Validated<DeleteLogStreamRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, input.logGroupName, context);
    const stream = await getStream(unit, group, input.logStreamName);
    unit.delete(logStreams, streamKey(stream));
    discardStream(unit, context, stream);
  });
}

/** A group's streams in the order of their names, or of their last events. */
export async function describeLogStreams(
  input: Validated<DescribeLogStreamsRequest>,
  context: Context,
): Promise<DescribeLogStreamsResponse> {
  const { logStreamNamePrefix: prefix = "", orderBy = "LogStreamName", descending = false } = input;
  if (orderBy === "LastEventTime" && prefix !== "") {
    throw new ModeledError("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const group = await getNamedGroup(context.store, input, context);
  const limit = input.limit ?? DESCRIBE_LIMIT;
  const request = ["DescribeLogStreams", group.id, prefix, orderBy, descending];
  const position = input.nextToken === undefined ? undefined : positionOf(request, input.nextToken);
  const base = compositeKey(group.id, "");
  const page = await context.store.list(logStreams, {
    ...(orderBy === "LastEventTime" && { index: "lastEvent" }),
    prefix: base + prefix,
    ...(position !== undefined && { [descending ? "before" : "from"]: base + position }),
    descending,
    limit: limit + 1,
  });
  // Going up, a page begins with what its token names; going down, right below it.
  const next = page.documents.length > limit ? page.documents[descending ? limit - 1 : limit] : undefined;
  const nextKey = next && (orderBy === "LastEventTime" ? lastEventKey(next) : streamKey(next));
  return {
    logStreams: page.documents.slice(0, limit).map((stream) => summary(group, stream)),
    ...(nextKey !== undefined && { nextToken: encodePageToken(request, nextKey.slice(base.length)) }),
  };
}

function summary(group: LogGroup, stream: LogStream): LogStreamSummary {
  return {
    logStreamName: stream.name,
    creationTime: stream.createdMs,
    ...(stream.firstEventMs !== undefined && { firstEventTimestamp: stream.firstEventMs }),
    ...(stream.lastEventMs !== undefined && { lastEventTimestamp: stream.lastEventMs }),
    ...(stream.lastIngestionMs !== undefined && { lastIngestionTime: stream.lastIngestionMs }),
    uploadSequenceToken: sequenceToken(stream),
    arn: `${groupArn(group)}:log-stream:${stream.name}`,
    // The service has counted bytes by group only since 2019.
    storedBytes: 0,
  };
}
