import type { BatchGetFlowAssociationRequest, BatchGetFlowAssociationResponse } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { resourceArn } from "./arns.ts";
import { getInstance } from "./instances.ts";
import { parsePhoneNumberId, phoneNumberKey, phoneNumbers } from "./phone-numbers.ts";

/**
 * Which flow each of some resources runs. Those that run none, or that are not there, are left out (our choice).
 *
 * Of the types of resources only telephone numbers are built, so for any other there is nothing to tell.
 */
export async function batchGetFlowAssociation(
  input: Validated<BatchGetFlowAssociationRequest>,
  context: Context,
): Promise<BatchGetFlowAssociationResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const ResourceType = input.ResourceType ?? "VOICE_PHONE_NUMBER";
  if (ResourceType !== "VOICE_PHONE_NUMBER") return { FlowAssociationSummaryList: [] };

  const associations = await Promise.all(
    input.ResourceIds.map(async (ResourceId) => {
      const id = parsePhoneNumberId(ResourceId, context);
      const number =
        id === undefined ? undefined : await context.store.get(phoneNumbers, phoneNumberKey({ ...context, id }));
      if (number?.flowId === undefined || number.instanceId !== instance.instanceId) return [];
      return [{ ResourceId, FlowId: resourceArn("contactFlow", instance, number.flowId), ResourceType }];
    }),
  );
  return { FlowAssociationSummaryList: associations.flat() };
}
