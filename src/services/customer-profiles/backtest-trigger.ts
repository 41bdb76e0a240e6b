import type { CreateEventTriggerRequest } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { runBacktest } from "../backtest.ts";
import type { Span } from "../kept-log.ts";
import type { Context } from "../service.ts";
import type { TriggerBacktest, TriggerBacktestLine } from "./backtest-trigger-job.ts";
import { checkEventTrigger } from "./check-event-trigger.ts";
import { getDomain } from "./domain.ts";
import { badRequest } from "./errors.ts";
import { type EventTrigger, getEventTrigger } from "./event-trigger.ts";
import { parseDestination } from "./trigger-destination.ts";

const JOB = new URL("./backtest-trigger-job.ts", import.meta.url);

/** A trigger of a domain by its name, or what CreateEventTrigger would be given. */
export type TriedTrigger = string | Validated<CreateEventTriggerRequest>;

/**
 * What is to be tried.
 *
 * Throws `ResourceNotFoundException` for a domain or trigger that is not there, whatever CreateEventTrigger would refuse a draft with, and
 * `BadRequestException` for one that looks at the members of a segment alone.
 */
export async function triggerBacktest(
  context: Context,
  domainName: string,
  tried: TriedTrigger,
  how: Span & Pick<TriggerBacktest, "matchesMax">,
): Promise<TriggerBacktest> {
  const domain = await getDomain(context.store, context, domainName);
  const trigger: TriggerBacktest["trigger"] & Pick<EventTrigger, "segmentFilter" | "uri"> =
    typeof tried === "string" ? await getEventTrigger(context.store, domain, tried) : draftOf(tried);
  await checkEventTrigger(context.store, domain, trigger);
  if (trigger.segmentFilter !== undefined) {
    throw badRequest(
      "SegmentFilter: such a trigger cannot be tried, since it is not kept who belonged to a segment when",
    );
  }
  const { name, objectType, conditions, limits, uri } = trigger;
  const isCampaign = uri !== undefined && parseDestination(uri)?.kind === "campaign";
  return { ...how, uid: domain.uid, trigger: { name, objectType, conditions, limits }, isCampaign };
}

function draftOf(
  input: Validated<CreateEventTriggerRequest>,
): Pick<EventTrigger, "name" | "objectType" | "conditions" | "limits" | "segmentFilter"> {
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
