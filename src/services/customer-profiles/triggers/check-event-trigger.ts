import { compileEventTrigger } from "../../../matching/event-trigger.ts";
import type { Reader } from "../../../store/store.ts";
import type { Domain } from "../domain.ts";
import { badRequest, notFound } from "../errors.ts";
import { findObjectType } from "../object-types/object-type.ts";
import { standardObjects } from "../object-types/standard-objects.ts";
import { getSegment } from "../segments/segment-definition.ts";
import type { EventTrigger } from "./event-trigger.ts";

/**
 * Throws `BadRequestException` for conditions, limits or fields that mean nothing, and `ResourceNotFoundException` for an object type or
 * a segment that is not there.
 */
export async function checkEventTrigger(
  reader: Reader,
  domain: Domain,
  {
    objectType,
    conditions,
    segmentFilter,
    limits,
  }: Pick<EventTrigger, "objectType" | "conditions" | "segmentFilter" | "limits">,
): Promise<void> {
  if (standardObjects.has(objectType)) {
    throw badRequest(`ObjectTypeName: ${objectType} is a standard object, whose changes trigger nothing`);
  }
  compileEventTrigger([...conditions]);
  if ((limits?.EventExpiration ?? 0) < 0)
    throw badRequest("EventTriggerLimits.EventExpiration: it must not be negative");
  const type = await findObjectType(reader, domain, objectType);
  if (!type) throw notFound(`Object type ${objectType} does not exist`);
  for (const [at, condition] of conditions.entries()) {
    for (const { ObjectAttributes } of condition.EventTriggerDimensions) {
      for (const { FieldName: field } of ObjectAttributes) {
        if (field === undefined || Object.hasOwn(type.fields, field)) continue;
        throw badRequest(`EventTriggerConditions[${at}]: object type ${objectType} has no field ${field}`);
      }
    }
  }
  if (segmentFilter !== undefined) await getSegment(reader, domain, segmentFilter);
}
