import type { UpdateContactFlowContentRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { parseQualified, putContent } from "./contact-flow-contents.ts";
import { requireSavableFlow, requireValidFlow } from "./contact-flow-validation.ts";
import { contactFlows, getContactFlow, putContactFlow } from "./contact-flows.ts";
import { invalidParameter } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** Publishes a new content, or, for an id with `:$SAVED`, only saves it. Versions stay as they are. */
export async function updateContactFlowContent(
  input: Validated<UpdateContactFlowContentRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { idOrArn, qualifier } = parseQualified(input.ContactFlowId);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const flow = await getContactFlow(unit, instance, idOrArn);
    const lastModifiedMs = context.clock.now();
    if (qualifier === "$SAVED") {
      requireSavableFlow(input.Content);
      unit.put(contactFlows, resourceKey(flow), { ...flow, lastModifiedMs });
      putContent(unit, flow, "SAVED", input.Content);
      return;
    }
    if (qualifier !== undefined) throw invalidParameter(`The content of version ${qualifier} cannot be changed`);
    await requireValidFlow(unit, instance, { content: input.Content, kind: flow.type });
    await putContactFlow(unit, { ...flow, status: "PUBLISHED", lastModifiedMs }, input.Content);
  });
  return {};
}
