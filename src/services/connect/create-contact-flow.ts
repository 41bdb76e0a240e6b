import type { CreateContactFlowRequest, CreateContactFlowResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { sha256 } from "./contact-flow-contents.ts";
import { requireSavableFlow, requireValidFlow } from "./contact-flow-validation.ts";
import { type ContactFlow, contactFlows, putContactFlow } from "./contact-flows.ts";
import { refusingDuplicateName } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";

/** Creates a flow, and publishes it unless it is only to be saved. A published flow has passed all checks. */
export async function createContactFlow(
  input: Validated<CreateContactFlowRequest>,
  context: Context,
): Promise<CreateContactFlowResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const status = input.Status ?? "PUBLISHED";
    if (status === "SAVED") requireSavableFlow(input.Content);
    else await requireValidFlow(unit, instance, { content: input.Content, kind: input.Type });

    const counted = { collection: contactFlows, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.flows-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of flows per instance is used up");
    }
    const flow: ContactFlow = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      type: input.Type,
      state: "ACTIVE",
      status,
      isDefault: false,
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    await putContactFlow(unit, flow, input.Content);
    return {
      ContactFlowId: id,
      ContactFlowArn: resourceArn("contactFlow", instance, id),
      FlowContentSha256: sha256(input.Content),
    };
  });
  return refusingDuplicateName(input.Name, commit);
}
