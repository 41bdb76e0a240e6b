import type {
  CreateEventStreamRequest,
  CreateEventStreamResponse,
  DeleteEventStreamRequest,
  DeleteEventStreamResponse,
  EventStreamSummary,
  GetEventStreamRequest,
  GetEventStreamResponse,
  ListEventStreamsRequest,
  ListEventStreamsResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { hasStream } from "../../kinesis/index.ts";
import { optionalDate } from "../../optional-date.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { badRequest, invalidNextToken, notFound } from "../errors.ts";
import { requireKinesisStream } from "../kinesis-arn.ts";
import {
  type EventStream,
  eventStreamArn,
  eventStreamKey,
  eventStreams,
  findEventStream,
  putEventStream,
} from "./event-stream.ts";
import { checkedAtFirst, forgetEventStream } from "./tell-event-stream.ts";

/** Begins to tell the changes of a domain's profiles. What was there before is not told. */
export async function createEventStream(
  input: Validated<CreateEventStreamRequest>,
  context: Context,
): Promise<CreateEventStreamResponse> {
  const { Uri: uri, DomainName, EventStreamName } = input;
  requireKinesisStream(uri, context, "Uri");
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, DomainName);
    if (await findEventStream(unit, domain)) {
      throw badRequest(`The Customer Profiles Domain: ${DomainName} is already associated with an active EventStream`);
    }
    if (!(await hasStream(unit, uri, context))) {
      throw badRequest(`The Kinesis data stream ${uri} does not exist or is not active`);
    }
    const stream = await checkedAtFirst(unit, context, {
      account: domain.account,
      region: domain.region,
      uid: domain.uid,
      domainName: domain.name,
      name: EventStreamName,
      id,
      uri,
      state: "RUNNING",
      message: "",
      nextKept: 0,
      createdMs: context.clock.now(),
      tags: input.Tags ?? {},
    });
    putEventStream(unit, stream);
    return { EventStreamArn: eventStreamArn(stream), Tags: stream.tags };
  });
}

export async function getEventStream(
  input: Validated<GetEventStreamRequest>,
  context: Context,
): Promise<GetEventStreamResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const stream = await findEventStream(context.store, domain);
  if (stream?.name !== input.EventStreamName) throw notFound(`Event stream ${input.EventStreamName} does not exist`);
  return {
    DomainName: stream.domainName,
    EventStreamArn: eventStreamArn(stream),
    CreatedAt: new Date(stream.createdMs),
    State: stream.state,
    StoppedSince: optionalDate(stream.stoppedSinceMs),
    DestinationDetails: { ...destination(stream), Message: stream.message },
    Tags: stream.tags,
  };
}

/** A domain has one at most. */
export async function listEventStreams(
  input: Validated<ListEventStreamsRequest>,
  context: Context,
): Promise<ListEventStreamsResponse> {
  if (input.NextToken !== undefined) throw invalidNextToken();
  const domain = await getDomain(context.store, context, input.DomainName);
  const stream = await findEventStream(context.store, domain);
  return { Items: stream ? [summary(stream)] : [] };
}

/** What is not there is deleted already. */
export async function deleteEventStream(
  input: Validated<DeleteEventStreamRequest>,
  context: Context,
): Promise<DeleteEventStreamResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const stream = await findEventStream(unit, domain);
    if (stream?.name !== input.EventStreamName) return;
    unit.delete(eventStreams, eventStreamKey(stream));
    await forgetEventStream(unit, context, stream);
  });
  return {};
}

function summary(stream: EventStream): EventStreamSummary {
  return {
    DomainName: stream.domainName,
    EventStreamName: stream.name,
    EventStreamArn: eventStreamArn(stream),
    State: stream.state,
    StoppedSince: optionalDate(stream.stoppedSinceMs),
    DestinationSummary: destination(stream),
    Tags: stream.tags,
  };
}

function destination({ uri, unhealthySinceMs }: EventStream) {
  return {
    Uri: uri,
    Status: unhealthySinceMs === undefined ? ("HEALTHY" as const) : ("UNHEALTHY" as const),
    UnhealthySince: optionalDate(unhealthySinceMs),
  };
}
