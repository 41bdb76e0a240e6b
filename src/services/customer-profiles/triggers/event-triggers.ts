import type {
  CreateEventTriggerRequest,
  CreateEventTriggerResponse,
  DeleteEventTriggerRequest,
  DeleteEventTriggerResponse,
  EventTriggerSummaryItem,
  GetEventTriggerRequest,
  GetEventTriggerResponse,
  ListEventTriggersRequest,
  ListEventTriggersResponse,
  UpdateEventTriggerRequest,
  UpdateEventTriggerResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import { listPage } from "../../list-page.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit } from "../../service.ts";
import { type Domain, getDomain, inDomain } from "../domain.ts";
import { badRequest, invalidNextToken } from "../errors.ts";
import { guardSegmentUse } from "../segments/segment-definition.ts";
import { checkEventTrigger } from "./check-event-trigger.ts";
import { type EventTrigger, eventTriggerKey, eventTriggers, getEventTrigger } from "./event-trigger.ts";
import { forgetEventTrigger, putEventTrigger } from "./event-trigger-versions.ts";

export const EVENT_TRIGGERS: Limit = {
  name: "customer-profiles.event-triggers-per-domain",
  default: 50,
  meaning: "Event triggers of a domain",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

const PAGE_SIZE = 100;

/** Creates a trigger. It is inert until an integration carries it. */
export async function createEventTrigger(
  input: Validated<CreateEventTriggerRequest>,
  context: Context,
): Promise<CreateEventTriggerResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const trigger: EventTrigger = {
      uid: domain.uid,
      name: input.EventTriggerName,
      id,
      objectType: input.ObjectTypeName,
      description: input.Description,
      conditions: input.EventTriggerConditions,
      segmentFilter: input.SegmentFilter,
      limits: input.EventTriggerLimits,
      revision: 0,
      createdMs: nowMs,
      updatedMs: nowMs,
      tags: input.Tags ?? {},
    };
    if (await unit.get(eventTriggers, eventTriggerKey(trigger))) {
      throw badRequest(`Event trigger with name ${trigger.name} already exists`);
    }
    await checkEventTrigger(unit, domain, trigger);
    if (trigger.segmentFilter !== undefined) await guardSegmentUse(unit, domain);
    await requireQuota(unit, context, domain);
    await putEventTrigger(unit, trigger, nowMs);
    return described(trigger);
  });
}

export async function getEventTriggerOperation(
  input: Validated<GetEventTriggerRequest>,
  context: Context,
): Promise<GetEventTriggerResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  return described(await getEventTrigger(context.store, domain, input.EventTriggerName));
}

/** Replaces what is given and keeps the rest. What it has fired counts on. */
export async function updateEventTrigger(
  input: Validated<UpdateEventTriggerRequest>,
  context: Context,
): Promise<UpdateEventTriggerResponse> {
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const old = await getEventTrigger(unit, domain, input.EventTriggerName);
    const trigger: EventTrigger = {
      ...old,
      objectType: input.ObjectTypeName ?? old.objectType,
      description: input.Description ?? old.description,
      conditions: input.EventTriggerConditions ?? old.conditions,
      segmentFilter: input.SegmentFilter ?? old.segmentFilter,
      limits: input.EventTriggerLimits ?? old.limits,
      updatedMs: nowMs,
    };
    await checkEventTrigger(unit, domain, trigger);
    if (trigger.segmentFilter !== undefined) await guardSegmentUse(unit, domain);
    await putEventTrigger(unit, trigger, nowMs);
    return described(trigger);
  });
}

export async function listEventTriggers(
  input: Validated<ListEventTriggersRequest>,
  context: Context,
): Promise<ListEventTriggersResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: eventTriggers, under: [domain.uid], nameOf: ({ name }) => name },
    {
      of: ["ListEventTriggers", domain.uid],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Items: page.items.map(summary), NextToken: page.nextToken };
}

/** Throws `BadRequestException` for a trigger that an integration carries. */
export async function deleteEventTrigger(
  input: Validated<DeleteEventTriggerRequest>,
  context: Context,
): Promise<DeleteEventTriggerResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const trigger = await getEventTrigger(unit, domain, input.EventTriggerName);
    if (trigger.uri !== undefined) {
      throw badRequest(`Event trigger ${trigger.name} has an active integration and cannot be deleted`);
    }
    await forgetEventTrigger(unit, trigger, context.clock.now());
  });
  return { Message: `Event trigger ${input.EventTriggerName} deleted` };
}

async function requireQuota(unit: Unit, { limits }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(EVENT_TRIGGERS.name, EVENT_TRIGGERS.default);
  await guardRange(unit, inDomain(domain, eventTriggers.name));
  const { documents } = await unit.list(eventTriggers, { prefix: inDomain(domain, ""), limit: most });
  if (documents.length >= most) throw badRequest("Limit exceeded: event triggers per domain");
}

function summary(trigger: EventTrigger): EventTriggerSummaryItem {
  return {
    ObjectTypeName: trigger.objectType,
    EventTriggerName: trigger.name,
    Description: trigger.description,
    CreatedAt: new Date(trigger.createdMs),
    LastUpdatedAt: new Date(trigger.updatedMs),
    Tags: trigger.tags,
  };
}

function described(trigger: EventTrigger): CreateEventTriggerResponse {
  return {
    ...summary(trigger),
    EventTriggerConditions: [...trigger.conditions],
    SegmentFilter: trigger.segmentFilter,
    EventTriggerLimits: trigger.limits,
  };
}
