import type { DeleteHoursOfOperationRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { invalidRequest } from "./errors.ts";
import { getHoursOfOperation, hoursOfOperations } from "./hours-of-operation.ts";
import { hoursOfOperationOverrides, overrideKey } from "./hours-of-operation-overrides.ts";
import { findChildren } from "./hours-of-operation-parents.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { queues } from "./queues.ts";
import { findAll } from "./search.ts";

/**
 * Deletes hours of operation, with their overrides, that no queue uses and no other hours inherit from.
 *
 * The operation models no ResourceInUseException, so hours in use are an InvalidRequestException (our choice).
 */
export async function deleteHoursOfOperation(
  input: Validated<DeleteHoursOfOperationRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const hours = await getHoursOfOperation(unit, instance, input.HoursOfOperationId);
    const users = await unit.list(queues, { index: "hours", equals: instanceKey(instance, hours.id), limit: 1 });
    const queue = users.documents[0];
    if (queue) throw invalidRequest(`The hours of operation ${hours.id} are used by queue ${queue.id}`);
    const [child] = await findChildren(unit, hours);
    if (child) throw invalidRequest(`Hours of operation ${child.id} inherit from hours of operation ${hours.id}`);

    const overrides = await findAll(unit, hoursOfOperationOverrides, instanceKey(hours, hours.id, ""), []);
    for (const override of overrides) unit.delete(hoursOfOperationOverrides, overrideKey(override));
    unit.delete(hoursOfOperations, resourceKey(hours));
  });
  return {};
}
