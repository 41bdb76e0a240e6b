/** Hours that inherit the overrides of others, their parents: "a master list that is maintained in one place". */
import type {
  AssociateHoursOfOperationsRequest,
  DisassociateHoursOfOperationsRequest,
  ListChildHoursOfOperationsRequest,
  ListChildHoursOfOperationsResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { instanceKey, parseResourceId } from "./arns.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import {
  getHoursOfOperation,
  type HoursOfOperation,
  hoursOfOperations,
  identify,
  PARENTS_MAX,
  useParents,
} from "./hours-of-operation.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { findAll } from "./search.ts";

/** Adds parents to hours. One that is a parent already stays one. */
export async function associateHoursOfOperations(
  input: Validated<AssociateHoursOfOperationsRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const hours = await getHoursOfOperation(unit, instance, input.HoursOfOperationId);
    const added = await useParents(unit, instance, input.ParentHoursOfOperationConfigs);
    if (added.includes(hours.id))
      throw invalidParameter(`Hours of operation ${hours.id} cannot inherit from themselves`);

    const parentIds = [...new Set([...hours.parentIds, ...added])];
    if (parentIds.length > PARENTS_MAX) {
      throw new ModeledError(
        "ServiceQuotaExceededException",
        `Hours of operation may inherit from at most ${PARENTS_MAX} others`,
      );
    }
    const lastModifiedMs = context.clock.now();
    unit.put(hoursOfOperations, resourceKey(hours), { ...hours, parentIds, lastModifiedMs });
  });
  return {};
}

/** Takes parents away from hours. Those that are none are ignored (our choice). */
export async function disassociateHoursOfOperations(
  input: Validated<DisassociateHoursOfOperationsRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const hours = await getHoursOfOperation(unit, instance, input.HoursOfOperationId);
    const removed = input.ParentHoursOfOperationIds.map((id) => parseResourceId("hoursOfOperation", instance, id));
    const parentIds = hours.parentIds.filter((id) => !removed.includes(id));
    const lastModifiedMs = context.clock.now();
    unit.put(hoursOfOperations, resourceKey(hours), { ...hours, parentIds, lastModifiedMs });
  });
  return {};
}

export async function listChildHoursOfOperations(
  input: Validated<ListChildHoursOfOperationsRequest>,
  context: Context,
): Promise<ListChildHoursOfOperationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const hours = await getHoursOfOperation(context.store, instance, input.HoursOfOperationId);
  const page = slicePage(await findChildren(context.store, hours), ({ id }) => id, {
    of: ["ListChildHoursOfOperations", resourceKey(hours)],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    ChildHoursOfOperationsSummaryList: page.items.map(identify),
    NextToken: page.nextToken,
    LastModifiedTime: new Date(hours.lastModifiedMs),
    LastModifiedRegion: hours.region,
  };
}

/** The hours that inherit from these, in the order of their ids. */
export async function findChildren(reader: Reader, parent: HoursOfOperation): Promise<HoursOfOperation[]> {
  return findAll(reader, hoursOfOperations, instanceKey(parent, ""), [(hours) => hours.parentIds.includes(parent.id)]);
}
