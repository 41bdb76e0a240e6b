import type { CreateEventTriggerRequest } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { runBacktest } from "../../backtest.ts";
import type { Span } from "../../kept-log.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { segmentChain } from "../segments/segment-chains.ts";
import type { TriggerBacktest, TriggerBacktestLine } from "./backtest-trigger-job.ts";
import { checkEventTrigger } from "./check-event-trigger.ts";
import { type EventTrigger, getEventTrigger } from "./event-trigger.ts";
import { parseDestination } from "./trigger-destination.ts";

const JOB = new URL("./backtest-trigger-job.ts", import.meta.url);

/** A trigger of a domain by its name, or what CreateEventTrigger would be given. */
export type TriedTrigger = string | Validated<CreateEventTriggerRequest>;

/**
 * What is to be tried.
 *
 * Throws `ResourceNotFoundException` for a domain or trigger that is not there, whatever CreateEventTrigger would refuse a draft with, and
 * `BadRequestException` for one that looks at the members of a segment with calculated attributes alone.
 */
export async function triggerBacktest(
  context: Context,
  domainName: string,
  tried: TriedTrigger,
  how: Span & Pick<TriggerBacktest, "matchesMax">,
): Promise<TriggerBacktest> {
  const domain = await getDomain(context.store, context, domainName);
  const trigger: TriggerBacktest["trigger"] & Pick<EventTrigger, "uri"> =
    typeof tried === "string" ? await getEventTrigger(context.store, domain, tried) : draftOf(tried);
  await checkEventTrigger(context.store, domain, trigger);
  const { segmentFilter } = trigger;
  if (segmentFilter !== undefined) {
    const { calculated } = await segmentChain(context.store, context.store, domain, segmentFilter);
    if (calculated.length > 0) {
      throw badRequest(
        `SegmentFilter: segment ${segmentFilter} looks at calculated attributes, whose values of then are not kept: such a trigger cannot be tried`,
      );
    }
  }
  const { name, objectType, conditions, limits, uri } = trigger;
  const isCampaign = uri !== undefined && parseDestination(uri)?.kind === "campaign";
  const tested = { name, objectType, conditions, segmentFilter, limits };
  return { ...how, uid: domain.uid, trigger: tested, isCampaign };
}

function draftOf(input: Validated<CreateEventTriggerRequest>): TriggerBacktest["trigger"] {
  return {
    name: input.EventTriggerName,
    objectType: input.ObjectTypeName,
    conditions: input.EventTriggerConditions,
    limits: input.EventTriggerLimits,
    segmentFilter: input.SegmentFilter,
  };
}

/** Runs a backtest beside everything else. It ends when nobody listens any more. */
export function backtestTrigger(
  context: Context,
  order: TriggerBacktest,
  signal: AbortSignal,
): AsyncGenerator<TriggerBacktestLine> {
  return runBacktest<TriggerBacktestLine>(context, JOB, order, signal);
}
