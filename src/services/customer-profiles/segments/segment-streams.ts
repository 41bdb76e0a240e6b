import { hasStream } from "../../kinesis/index.ts";
import { optionalDate } from "../../optional-date.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { allIn } from "../domain-view.ts";
import { badRequest, notFound } from "../errors.ts";
import { requireKinesisStream } from "../kinesis-arn.ts";
import { findSegmentStream, type SegmentStream, segmentStreamKey, segmentStreams } from "./segment-stream.ts";
import { type SubscriptionStatus, segmentSubscriptions, subscriptionStatus } from "./segment-subscription.ts";

/*
 * The SDK that types come from does not have these operations yet: their shapes are those of the model.
 */

interface OfDomain {
  readonly DomainName: string;
}

/** Says where it is told who joins the domain's segments and who leaves them. There is one place. */
export async function associateStreamForSegments(
  input: OfDomain & { readonly DestinationArn: string; readonly DestinationRoleArn: string },
  context: Context,
): Promise<object> {
  const { DestinationArn: arn, DestinationRoleArn: roleArn } = input;
  requireKinesisStream(arn, context, "DestinationArn");
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const old = await findSegmentStream(unit, domain);
    if (old && old.disassociatedMs === undefined) {
      throw badRequest(`Domain ${domain.name} is already associated with a stream for segments`);
    }
    if (!(await hasStream(unit, arn, context))) {
      throw badRequest(`DestinationArn: the Kinesis data stream ${arn} does not exist or is not active`);
    }
    const stream: SegmentStream = { uid: domain.uid, arn, roleArn, associatedMs: context.clock.now() };
    unit.put(segmentStreams, segmentStreamKey(stream), stream);
  });
  return {};
}

interface DescribedStream {
  readonly DomainName: string;
  readonly DestinationArn: string;
  readonly DestinationRoleArn: string;
  readonly State: "RUNNING" | "UNHEALTHY" | "STOPPED";
  readonly AssociatedAt: Date;
  readonly DisassociatedAt?: Date | undefined;
  readonly FailureReason?: string | undefined;
  readonly AssociatedSegments: readonly {
    readonly SegmentName: string;
    readonly Status: SubscriptionStatus;
    readonly Message?: string | undefined;
  }[];
}

export async function getStreamForSegments(input: OfDomain, context: Context): Promise<DescribedStream> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const stream = await findSegmentStream(context.store, domain);
  if (!stream) throw notFound(`Stream for segments of domain ${domain.name} does not exist`);
  const { disassociatedMs, failure } = stream;
  const subscriptions = await allIn(context.store, segmentSubscriptions, domain);
  return {
    DomainName: domain.name,
    DestinationArn: stream.arn,
    DestinationRoleArn: stream.roleArn,
    State: disassociatedMs !== undefined ? "STOPPED" : failure === undefined ? "RUNNING" : "UNHEALTHY",
    AssociatedAt: new Date(stream.associatedMs),
    DisassociatedAt: optionalDate(disassociatedMs),
    FailureReason: failure,
    AssociatedSegments: subscriptions.map((subscription) => {
      const { status, message } = subscriptionStatus(subscription, stream);
      return { SegmentName: subscription.segment, Status: status, Message: message };
    }),
  };
}

/** Nothing is told any more. Subscriptions stop, and go on when there is a stream again: what has changed until then is told at their next comparison. */
export async function disassociateStreamForSegments(
  input: OfDomain,
  context: Context,
): Promise<{ readonly Message: string }> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const stream = await findSegmentStream(unit, domain);
    if (!stream || stream.disassociatedMs !== undefined) {
      throw notFound(`Stream for segments of domain ${domain.name} does not exist`);
    }
    const { failure: _, ...rest } = stream;
    unit.put(segmentStreams, segmentStreamKey(stream), { ...rest, disassociatedMs: context.clock.now() });
  });
  return { Message: `Stream for segments of domain ${input.DomainName} disassociated` };
}
