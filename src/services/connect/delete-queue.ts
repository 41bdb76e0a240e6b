import type { DeleteQueueRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { deleteQuickConnectsOfQueue } from "./queue-quick-connects.ts";
import { getStandardQueue, queues } from "./queues.ts";
import { findQuickConnectToQueue } from "./quick-connects.ts";
import { findProfileOfQueue } from "./routing-profiles.ts";

/** Deletes a queue that no routing profile and no quick connect uses. Contacts that wait in it go on waiting. */
export async function deleteQueue(
  input: Validated<DeleteQueueRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const queue = await getStandardQueue(unit, instance, input.QueueId);
    const profileId = await findProfileOfQueue(unit, queue);
    if (profileId !== undefined) throw inUse(queue.id, "ROUTING_PROFILE", profileId);
    const quickConnectId = await findQuickConnectToQueue(unit, queue);
    if (quickConnectId !== undefined) throw inUse(queue.id, "QUICK_CONNECT", quickConnectId);

    await deleteQuickConnectsOfQueue(unit, queue);
    unit.delete(queues, resourceKey(queue));
  });
  return {};
}

function inUse(queueId: string, ResourceType: string, ResourceId: string): ModeledError {
  const message = `Queue ${queueId} is in use by a ${ResourceType.toLowerCase().replace("_", " ")}`;
  return new ModeledError("ResourceInUseException", message, { ResourceType, ResourceId });
}
