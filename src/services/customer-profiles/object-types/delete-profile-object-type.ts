import type {
  DeleteProfileObjectTypeRequest,
  DeleteProfileObjectTypeResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { followKeyNames } from "./key-names.ts";
import { getObjectType, objectTypeKey, objectTypes } from "./object-type.ts";
import { beginTypeSweep, sweepType } from "./object-type-sweep.ts";

/** Steps that a request waits for: 10,000 objects or profiles. */
const AWAITED_STEPS = 100;

/**
 * Deletes an object type, its objects with their keys, and what they wrote to profiles. A type with very many of these is gone at once, and
 * they in their own time: until then there can be no other type of this name.
 */
export async function deleteProfileObjectType(
  input: Validated<DeleteProfileObjectTypeRequest>,
  context: Context,
): Promise<DeleteProfileObjectTypeResponse> {
  const swept = await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const type = await getObjectType(unit, domain, input.ObjectTypeName);
    unit.delete(objectTypes, objectTypeKey(type));
    await followKeyNames(unit, type, undefined);
    return beginTypeSweep(unit, context, domain, { type: type.name, performedBy: context.principalArn });
  });
  for (let step = 0; step < AWAITED_STEPS; step += 1) {
    if (!(await context.store.commit((unit) => sweepType(unit, context, swept)))) break;
  }
  return { Message: `Object type ${input.ObjectTypeName} deleted` };
}
