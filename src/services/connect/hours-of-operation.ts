import type {
  CreateHoursOfOperationRequest,
  CreateHoursOfOperationResponse,
  DescribeHoursOfOperationRequest,
  DescribeHoursOfOperationResponse,
  HoursOfOperationConfig,
  HoursOfOperation as HoursOfOperationDescription,
  HoursOfOperationSearchCriteria,
  HoursOfOperationsIdentifier,
  ListHoursOfOperationsRequest,
  ListHoursOfOperationsResponse,
  SearchHoursOfOperationsRequest,
  SearchHoursOfOperationsResponse,
  UpdateHoursOfOperationRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { requireTimeZone } from "./local-time.ts";
import { quotaReached } from "./quotas.ts";
import { criteriaMatch, searchResources, stringLeaf, tagMatch } from "./search.ts";

export interface HoursOfOperation extends InstanceResource {
  /** An IANA name. */
  readonly timeZone: string;
  /** Slots of a week. An end before its start spans midnight; from 00:00 to 00:00 is the whole day. */
  readonly config: readonly Validated<HoursOfOperationConfig>[];
  /** Hours whose overrides these inherit: at most `PARENTS_MAX`. */
  readonly parentIds: readonly string[];
}

/** Hours that others may inherit from: what the model allows in one request is taken for all of them (our choice). */
export const PARENTS_MAX = 3;

export const hoursOfOperations: Collection<HoursOfOperation> = instanceResources("connect_hours_of_operations");

export async function createHoursOfOperation(
  input: Validated<CreateHoursOfOperationRequest>,
  context: Context,
): Promise<CreateHoursOfOperationResponse> {
  requireTimeZone(input.TimeZone);
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: hoursOfOperations, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.hours-of-operation-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of hours of operation per instance is used up");
    }
    const hours: HoursOfOperation = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      timeZone: input.TimeZone,
      config: input.Config,
      parentIds: await useParents(unit, instance, input.ParentHoursOfOperationConfigs ?? []),
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    unit.put(hoursOfOperations, resourceKey(hours), hours);
    return { HoursOfOperationId: id, HoursOfOperationArn: resourceArn("hoursOfOperation", instance, id) };
  });
  return refusingDuplicateName(input.Name, commit);
}

export async function describeHoursOfOperation(
  input: Validated<DescribeHoursOfOperationRequest>,
  context: Context,
): Promise<DescribeHoursOfOperationResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const hours = await getHoursOfOperation(context.store, instance, input.HoursOfOperationId);
  return { HoursOfOperation: await describe(context.store, hours) };
}

export async function updateHoursOfOperation(
  input: Validated<UpdateHoursOfOperationRequest>,
  context: Context,
): Promise<Record<string, never>> {
  if (input.TimeZone !== undefined) requireTimeZone(input.TimeZone);
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const hours = await getHoursOfOperation(unit, instance, input.HoursOfOperationId);
    unit.put(hoursOfOperations, resourceKey(hours), {
      ...hours,
      name: input.Name ?? hours.name,
      description: input.Description ?? hours.description,
      timeZone: input.TimeZone ?? hours.timeZone,
      config: input.Config ?? hours.config,
      lastModifiedMs: context.clock.now(),
    });
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

export async function listHoursOfOperations(
  input: Validated<ListHoursOfOperationsRequest>,
  context: Context,
): Promise<ListHoursOfOperationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, hoursOfOperations, instance, {
    operation: "ListHoursOfOperations",
    input,
  });
  return {
    HoursOfOperationSummaryList: page.items.map((hours) => ({
      Id: hours.id,
      Arn: resourceArn("hoursOfOperation", hours, hours.id),
      Name: hours.name,
      LastModifiedTime: new Date(hours.lastModifiedMs),
      LastModifiedRegion: hours.region,
    })),
    NextToken: page.nextToken,
  };
}

export async function searchHoursOfOperations(
  input: Validated<SearchHoursOfOperationsRequest>,
  context: Context,
): Promise<SearchHoursOfOperationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, hoursOfOperations, instance, {
    operation: "SearchHoursOfOperations",
    input,
    match: [
      criteriaMatch<HoursOfOperation, HoursOfOperationSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          name: (hours) => hours.name,
          description: (hours) => hours.description,
          timezone: (hours) => hours.timeZone,
          resourceID: (hours) => hours.id,
        }),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  const HoursOfOperations: HoursOfOperationDescription[] = [];
  for (const hours of page.items) HoursOfOperations.push(await describe(context.store, hours));
  return { HoursOfOperations, NextToken: page.nextToken, ApproximateTotalCount: page.total };
}

/** Hours of operation of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getHoursOfOperation(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<HoursOfOperation> {
  return getResource(reader, hoursOfOperations, "hoursOfOperation", instance, idOrArn);
}

async function describe(reader: Reader, hours: HoursOfOperation): Promise<HoursOfOperationDescription> {
  const parents: HoursOfOperation[] = [];
  for (const id of hours.parentIds) {
    const parent = await reader.get(hoursOfOperations, instanceKey(hours, id));
    if (parent) parents.push(parent);
  }
  return {
    HoursOfOperationId: hours.id,
    HoursOfOperationArn: resourceArn("hoursOfOperation", hours, hours.id),
    Name: hours.name,
    Description: hours.description,
    TimeZone: hours.timeZone,
    Config: [...hours.config],
    ParentHoursOfOperations: parents.map(identify),
    Tags: { ...hours.tags },
    LastModifiedTime: new Date(hours.lastModifiedMs),
    LastModifiedRegion: hours.region,
  };
}

/** How hours stand in a list of those that others are linked with. */
export function identify(hours: HoursOfOperation): HoursOfOperationsIdentifier {
  return { Id: hours.id, Name: hours.name, Arn: resourceArn("hoursOfOperation", hours, hours.id) };
}

/**
 * The ids of the hours whose overrides others are to inherit. Writes them as well, since whether hours may be deleted rests on who
 * inherits from them.
 */
export async function useParents(
  unit: Unit,
  instance: InstanceRef,
  configs: readonly { HoursOfOperationId?: string | undefined }[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const { HoursOfOperationId: idOrArn } of configs) {
    if (idOrArn === undefined) throw invalidParameter("ParentHoursOfOperationConfigs needs a HoursOfOperationId");
    const parent = await getHoursOfOperation(unit, instance, idOrArn);
    unit.put(hoursOfOperations, resourceKey(parent), parent);
    ids.push(parent.id);
  }
  return [...new Set(ids)];
}
