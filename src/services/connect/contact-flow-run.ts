import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { disconnectContact } from "./contact-transitions.ts";
import { type Contact, contacts } from "./contacts.ts";
import { findResource, resourceKey } from "./instance-resources.ts";
import { instances } from "./instances.ts";
import { queues } from "./queues.ts";
import { countReaches } from "./quotas.ts";
import { enqueueContact } from "./routing.ts";

/**
 * What a contact's flow does with it.
 *
 * Flows are opaque documents: each stands for the shortest real one, which transfers the contact to a queue. That is the queue
 * of the request where it names one, else the instance's BasicQueue, as in the default inbound flow of an instance.
 *
 * A transfer that cannot be made (no such queue, disabled, at capacity) has no error branch to take, so the flow ends the contact.
 */
export async function runContactFlow(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const queueId = await findOpenQueue(unit, contact);
  if (queueId === undefined) await disconnectContact(unit, platform, contact, "CONTACT_FLOW_DISCONNECT");
  else await enqueueContact(unit, platform, contact, queueId);
}

async function findOpenQueue(unit: Unit, contact: Contact): Promise<string | undefined> {
  const instance = await unit.get(instances, instanceKey(contact));
  const queueId = contact.targetQueueId ?? instance?.defaultQueueId;
  const queue = queueId === undefined ? undefined : await findResource(unit, queues, "queue", contact, queueId);
  if (!queue || queue.status === "DISABLED") return undefined;
  if (queue.maxContacts === undefined) return queue.id;

  // How many wait decides, so it is guarded by the queue.
  unit.put(queues, resourceKey(queue), queue);
  const waiting = { collection: contacts, index: "waiting", prefix: instanceKey(contact, queue.id, "") };
  return (await countReaches(unit, waiting, queue.maxContacts)) ? undefined : queue.id;
}
