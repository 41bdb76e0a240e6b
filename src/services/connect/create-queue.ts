import type { CreateQueueRequest, CreateQueueResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { refusingDuplicateName, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { useEmailAddresses } from "./queue-email-addresses.ts";
import { addQuickConnects } from "./queue-quick-connects.ts";
import { outboundCaller, type Queue, queues, useHours } from "./queues.ts";
import { quotaReached } from "./quotas.ts";

/** Creates a queue that is enabled. */
export async function createQueue(
  input: Validated<CreateQueueRequest>,
  context: Context,
): Promise<CreateQueueResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: queues, index: "standard", prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.queues-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of queues per instance is used up");
    }
    const queue: Queue = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      type: "STANDARD",
      status: "ENABLED",
      hoursOfOperationId: await useHours(unit, instance, input.HoursOfOperationId),
      maxContacts: input.MaxContacts,
      outboundCaller: await outboundCaller(unit, instance, input.OutboundCallerConfig),
      ...(await useEmailAddresses(unit, instance, input)),
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    unit.put(queues, resourceKey(queue), queue);
    await addQuickConnects(unit, queue, input.QuickConnectIds ?? []);
    return { QueueArn: resourceArn("queue", instance, id), QueueId: id };
  });
  return refusingDuplicateName(input.Name, commit);
}
