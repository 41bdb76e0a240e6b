import type { CreateContactFlowModuleRequest, CreateContactFlowModuleResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { claimTokenOnce } from "./client-tokens.ts";
import { publishContent } from "./contact-flow-contents.ts";
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
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const earlier = await claimTokenOnce(unit, context, { operation: "CreateContactFlowModule", input, madeId: id });
    if (earlier !== undefined) return { Id: earlier, Arn: resourceArn("contactFlowModule", instance, earlier) };

    await requireValidModule(unit, instance, { content: input.Content, settings: input.Settings });
    const counted = { collection: contactFlowModules, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.flow-modules-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of flow modules per instance is used up");
    }
    const lastModifiedMs = context.clock.now();
    const module: ContactFlowModule = {
      ...refOf(instance),
      id,
      published: await publishContent(unit, { ...refOf(instance), id }, input.Content, lastModifiedMs),
      name: input.Name,
      description: input.Description,
      state: "ACTIVE",
      settings: input.Settings,
      isExternallyInvocable: input.ExternalInvocationConfiguration?.Enabled,
      tags: input.Tags ?? {},
      lastModifiedMs,
    };
    unit.put(contactFlowModules, resourceKey(module), module);
    return { Id: id, Arn: resourceArn("contactFlowModule", instance, id) };
  });
  return refusingDuplicateName(input.Name, commit);
}
