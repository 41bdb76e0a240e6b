import type { UpdateContactFlowModuleContentRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { findContent, publishContent } from "./contact-flow-contents.ts";
import { contactFlowModules, getContactFlowModule } from "./contact-flow-modules.ts";
import { requireValidModule } from "./contact-flow-validation.ts";
import { invalidRequest } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** Publishes a new content, new settings, or both. Versions stay as they are. */
export async function updateContactFlowModuleContent(
  input: Validated<UpdateContactFlowModuleContentRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    if (input.Content === undefined && input.Settings === undefined) {
      throw invalidRequest("At least one of Content and Settings must be specified");
    }
    const content = input.Content ?? (await findContent(unit, module, "PUBLISHED"))?.content ?? "";
    const settings = input.Settings ?? module.settings;
    await requireValidModule(unit, instance, { content, settings });
    const lastModifiedMs = context.clock.now();
    const published = await publishContent(unit, module, content, lastModifiedMs);
    unit.put(contactFlowModules, resourceKey(module), { ...module, settings, published, lastModifiedMs });
  });
  return {};
}
