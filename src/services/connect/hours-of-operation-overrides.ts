import type {
  CreateHoursOfOperationOverrideRequest,
  CreateHoursOfOperationOverrideResponse,
  DeleteHoursOfOperationOverrideRequest,
  DescribeHoursOfOperationOverrideRequest,
  DescribeHoursOfOperationOverrideResponse,
  HoursOfOperationOverride as HoursOfOperationOverrideDescription,
  HoursOfOperationOverrideSearchCriteria,
  ListHoursOfOperationOverridesRequest,
  ListHoursOfOperationOverridesResponse,
  SearchHoursOfOperationOverridesRequest,
  SearchHoursOfOperationOverridesResponse,
  UpdateHoursOfOperationOverrideRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { invalidNextToken, invalidParameter, notFound } from "./errors.ts";
import { getHoursOfOperation, type HoursOfOperation, hoursOfOperations } from "./hours-of-operation.ts";
import { dayOfDate, type Override } from "./hours-of-operation-calendar.ts";
import { PAGE_SIZE, refusingDuplicateName, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { countReaches } from "./quotas.ts";
import { criteriaMatch, dateLeaf, findAll, foundPage, stringLeaf, tagMatch } from "./search.ts";

/** Other hours on some dates. Its name is unique among those of its hours. */
export interface HoursOfOperationOverride extends InstanceRef, Override {
  readonly id: string;
  readonly hoursId: string;
  readonly description?: string | undefined;
}

export const hoursOfOperationOverrides: Collection<HoursOfOperationOverride> = collection(
  "connect_hours_of_operation_overrides",
  { name: { type: "text", unique: true, value: (override) => instanceKey(override, override.hoursId, override.name) } },
);

/** "Up to 50 overrides can be created for each hours of operation resource. This quota is not adjustable." */
const OVERRIDES_MAX = 50;

export async function createHoursOfOperationOverride(
  input: Validated<CreateHoursOfOperationOverrideRequest>,
  context: Context,
): Promise<CreateHoursOfOperationOverrideResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const hours = await getHoursOfOperation(unit, instance, input.HoursOfOperationId);
    const counted = { collection: hoursOfOperationOverrides, prefix: instanceKey(hours, hours.id, "") };
    if (await countReaches(unit, counted, OVERRIDES_MAX)) {
      throw new ModeledError(
        "LimitExceededException",
        `Hours of operation may have at most ${OVERRIDES_MAX} overrides`,
      );
    }
    const override: HoursOfOperationOverride = {
      ...refOf(instance),
      id,
      hoursId: hours.id,
      name: input.Name,
      description: input.Description,
      type: input.OverrideType ?? "STANDARD",
      from: input.EffectiveFrom,
      till: input.EffectiveTill,
      config: input.Config,
      recurrence: input.RecurrenceConfig?.RecurrencePattern,
    };
    requireSense(override);
    unit.put(hoursOfOperationOverrides, overrideKey(override), override);
    // Guards both the number of overrides and the deletion of the hours.
    unit.put(hoursOfOperations, resourceKey(hours), hours);
    return { HoursOfOperationOverrideId: id };
  });
  return refusingDuplicateName(input.Name, commit);
}

export async function describeHoursOfOperationOverride(
  input: Validated<DescribeHoursOfOperationOverrideRequest>,
  context: Context,
): Promise<DescribeHoursOfOperationOverrideResponse> {
  const override = await getOverride(context.store, input, context);
  return { HoursOfOperationOverride: describe(override) };
}

export async function updateHoursOfOperationOverride(
  input: Validated<UpdateHoursOfOperationOverrideRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const commit = context.store.commit(async (unit) => {
    const override = await getOverride(unit, input, context);
    const type = input.OverrideType ?? override.type;
    const changed: HoursOfOperationOverride = {
      ...override,
      name: input.Name ?? override.name,
      description: input.Description ?? override.description,
      type,
      from: input.EffectiveFrom ?? override.from,
      till: input.EffectiveTill ?? override.till,
      config: input.Config ?? override.config,
      recurrence: recurrenceOf(input, override, type),
    };
    requireSense(changed);
    unit.put(hoursOfOperationOverrides, overrideKey(changed), changed);
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

export async function deleteHoursOfOperationOverride(
  input: Validated<DeleteHoursOfOperationOverrideRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const override = await getOverride(unit, input, context);
    unit.delete(hoursOfOperationOverrides, overrideKey(override));
  });
  return {};
}

export async function listHoursOfOperationOverrides(
  input: Validated<ListHoursOfOperationOverridesRequest>,
  context: Context,
): Promise<ListHoursOfOperationOverridesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const hours = await getHoursOfOperation(context.store, instance, input.HoursOfOperationId);
  const page = await listPage(
    context.store,
    {
      collection: hoursOfOperationOverrides,
      under: [hours.account, hours.region, hours.instanceId, hours.id],
      nameOf: ({ id }) => id,
    },
    {
      of: ["ListHoursOfOperationOverrides", resourceKey(hours)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    HoursOfOperationOverrideList: page.items.map(describe),
    NextToken: page.nextToken,
    LastModifiedTime: new Date(hours.lastModifiedMs),
    LastModifiedRegion: hours.region,
  };
}

/** Searches the overrides of all hours of an instance. They have no tags: the filter is held against those of their hours (our choice). */
export async function searchHoursOfOperationOverrides(
  input: Validated<SearchHoursOfOperationOverridesRequest>,
  context: Context,
): Promise<SearchHoursOfOperationOverridesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const hasTags = tagMatch(input.SearchFilter?.TagFilter);
  const hours = await findAll(context.store, hoursOfOperations, instanceKey(instance, ""), [hasTags]);
  const hoursIds = new Set(hours.map(({ id }) => id));
  const found = await findAll(context.store, hoursOfOperationOverrides, instanceKey(instance, ""), [
    ({ hoursId }) => hoursIds.has(hoursId),
    criteriaMatch<HoursOfOperationOverride, HoursOfOperationOverrideSearchCriteria>(input.SearchCriteria, {
      StringCondition: stringLeaf({
        name: (override) => override.name,
        description: (override) => override.description,
        resourceID: (override) => override.id,
        hoursOfOperationId: (override) => override.hoursId,
      }),
      DateCondition: dateLeaf({
        effectiveFrom: (override) => override.from,
        effectiveTill: (override) => override.till,
      }),
    }),
  ]);
  const page = foundPage(found, overrideKey, instance, { operation: "SearchHoursOfOperationOverrides", input });
  return {
    HoursOfOperationOverrides: page.items.map(describe),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** The overrides that count for hours: their own, and those of the hours that they inherit from (not of those they inherit from in turn; our choice). */
export async function overridesOf(reader: Reader, hours: HoursOfOperation): Promise<HoursOfOperationOverride[]> {
  const overrides: HoursOfOperationOverride[] = [];
  for (const id of [hours.id, ...hours.parentIds]) {
    overrides.push(...(await findAll(reader, hoursOfOperationOverrides, instanceKey(hours, id, ""), [])));
  }
  return overrides;
}

export function overrideKey(override: HoursOfOperationOverride): string {
  return instanceKey(override, override.hoursId, override.id);
}

async function getOverride(
  reader: Reader,
  input: { InstanceId: string; HoursOfOperationId: string; HoursOfOperationOverrideId: string },
  context: Context,
): Promise<HoursOfOperationOverride> {
  const instance = await getInstance(reader, context, input.InstanceId);
  const hours = await getHoursOfOperation(reader, instance, input.HoursOfOperationId);
  const id = input.HoursOfOperationOverrideId;
  const override = await reader.get(hoursOfOperationOverrides, instanceKey(hours, hours.id, id));
  if (!override) throw notFound(`The override ${id} does not exist in hours of operation ${hours.id}`);
  return override;
}

function describe(override: HoursOfOperationOverride): HoursOfOperationOverrideDescription {
  return {
    HoursOfOperationOverrideId: override.id,
    HoursOfOperationId: override.hoursId,
    HoursOfOperationArn: resourceArn("hoursOfOperation", override, override.hoursId),
    Name: override.name,
    Description: override.description,
    Config: [...override.config],
    EffectiveFrom: override.from,
    EffectiveTill: override.till,
    RecurrenceConfig: override.recurrence && { RecurrencePattern: override.recurrence },
    OverrideType: override.type,
  };
}

/** What is changed to STANDARD stops to recur, unless the request says otherwise. */
function recurrenceOf(
  input: Validated<UpdateHoursOfOperationOverrideRequest>,
  override: HoursOfOperationOverride,
  type: HoursOfOperationOverride["type"],
): HoursOfOperationOverride["recurrence"] {
  if (input.RecurrenceConfig) return input.RecurrenceConfig.RecurrencePattern;
  return type === "STANDARD" ? undefined : override.recurrence;
}

/** Throws where dates, type, slots and recurrence do not fit together (mostly our choice; for lists of one see `RecurrencePattern`). */
function requireSense({ type, from, till, config, recurrence }: HoursOfOperationOverride): void {
  for (const date of [from, till]) {
    if (dayOfDate(date) === undefined) throw invalidParameter(`${date} is not a date`);
  }
  if (till < from) throw invalidParameter("EffectiveTill must not be before EffectiveFrom");
  if (type === "OPEN" && config.length === 0) throw invalidParameter("An override of type OPEN needs a Config");
  for (const { StartTime, EndTime } of config) {
    if (!StartTime !== !EndTime) throw invalidParameter("A Config has both StartTime and EndTime, or none");
  }
  if (recurrence === undefined) return;

  if (type === "STANDARD") throw invalidParameter("An override of type STANDARD cannot recur");
  const { Frequency, ByMonth = [], ByMonthDay = [], ByWeekdayOccurrence = [] } = recurrence;
  for (const list of [ByMonth, ByMonthDay, ByWeekdayOccurrence]) {
    if (list.length > 1) throw invalidParameter("ByMonth, ByMonthDay and ByWeekdayOccurrence take one value");
    if (list[0] === 0) throw invalidParameter("ByMonthDay and ByWeekdayOccurrence cannot be 0");
  }
  if (ByMonth.length > 0 !== (Frequency === "YEARLY")) throw invalidParameter("ByMonth goes with YEARLY, and only so");
  const isInMonth = Frequency !== "WEEKLY";
  if (ByMonthDay.length + ByWeekdayOccurrence.length !== (isInMonth ? 1 : 0)) {
    throw invalidParameter(
      `${Frequency} takes ${isInMonth ? "either ByMonthDay or" : "neither ByMonthDay nor"} ByWeekdayOccurrence`,
    );
  }
  const needsDay = ByMonthDay.length === 0;
  if (needsDay && (config.length === 0 || config.some(({ Day }) => Day === undefined))) {
    throw invalidParameter("An override that recurs on a weekday needs a Config, and its Day in each");
  }
}
