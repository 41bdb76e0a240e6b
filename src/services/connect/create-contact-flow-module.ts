import type { CreateContactFlowModuleRequest, CreateContactFlowModuleResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { putContent } from "./contact-flow-contents.ts";
import { type ContactFlowModule, contactFlowModules } from "./contact-flow-modules.ts";
import { requireValidModule } from "./contact-flow-validation.ts";
import { refusingDuplicateName, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";

export async function createContactFlowModule(
  input: Validated<CreateContactFlowModuleRequest>,
  context: Context,
): Promise<CreateContactFlowModuleResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: refOf(instance), operation: "CreateContactFlowModule", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier?.sameRequest === false) {
      throw new ModeledError("IdempotencyException", "The ClientToken belongs to a request with other parameters");
    }
    if (earlier) return { Id: earlier.madeId, Arn: resourceArn("contactFlowModule", instance, earlier.madeId) };

    await requireValidModule(unit, instance, { content: input.Content, settings: input.Settings });
    const counted = { collection: contactFlowModules, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.flow-modules-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of flow modules per instance is used up");
    }
    const module: ContactFlowModule = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      state: "ACTIVE",
      settings: input.Settings,
      isExternallyInvocable: input.ExternalInvocationConfiguration?.Enabled,
      tags: input.Tags ?? {},
      lastModifiedMs: nowMs,
    };
    unit.put(contactFlowModules, resourceKey(module), module);
    putContent(unit, module, "PUBLISHED", input.Content);
    return { Id: id, Arn: resourceArn("contactFlowModule", instance, id) };
  });
  return refusingDuplicateName(input.Name, commit);
}
