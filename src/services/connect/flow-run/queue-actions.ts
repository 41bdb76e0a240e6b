import type { Unit } from "../../../store/store.ts";
import { findAgent } from "../agents.ts";
import { instanceKey } from "../arns.ts";
import { continueInNewContact } from "../contact-transfers.ts";
import { disconnectContact } from "../contact-transitions.ts";
import { type Contact, contactKey, contacts } from "../contacts.ts";
import { findResource, resourceKey } from "../instance-resources.ts";
import { type Queue, queues } from "../queues.ts";
import { countReaches, quotaOf } from "../quotas.ts";
import { enqueueContact } from "../routing.ts";
import { users } from "../users.ts";
import { startQueueFlow } from "./queue-flow.ts";
import { type ActionCode, FAILS, NEXT, type Result, type Step, textParameter } from "./step.ts";

/** Queue transfers in a row: "at most 11", of a chain of 12 contacts. */
const QUEUE_TRANSFERS_MAX = 11;

/** Sets the queue that all that follows means where it names none: a queue, or an agent's own. */
export const UpdateContactTargetQueue: ActionCode = {
  begin: async (step): Promise<Result> => {
    const queue = await queueNamed(step);
    if (!queue) return FAILS;
    step.changeContact({ targetQueueId: queue.id });
    return NEXT;
  },
};

/**
 * Puts the contact into its working queue, and ends the flow: that of the queue begins. A contact is queued once. What a transfer
 * flow holds behind this action only the transferring agent would hear, and is not run (our choice).
 */
export const TransferContactToQueue: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { unit, platform, contact, actions } = step;
    if (contact.targetQueueId === undefined || contact.queue) return FAILS;
    const queue = await unit.get(queues, instanceKey(contact, contact.targetQueueId));
    if (!queue || queue.status === "DISABLED") return FAILS;
    if (await isFull(step, queue)) return { error: "QueueAtCapacity" };
    return {
      ends: "TRANSFERRED_TO_QUEUE",
      nextId: queue.id,
      afterwards: async () =>
        startQueueFlow(unit, platform, await enqueueContact(unit, platform, step.contact, queue.id), actions),
    };
  },
};

/** Moves a waiting contact to another queue, where a new contact continues it. */
export const DequeueContactAndTransferToQueue: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { unit, platform, contact, actions, parameters } = step;
    const isNamed = "QueueId" in parameters || "AgentId" in parameters;
    const working = contact.targetQueueId;
    const queue = isNamed ? await queueNamed(step) : working && (await unit.get(queues, instanceKey(contact, working)));
    if (!queue || queue.status === "DISABLED") return FAILS;
    if (contact.state !== "QUEUED" || contact.offer || (await queueTransfers(unit, contact)) >= QUEUE_TRANSFERS_MAX) {
      return FAILS;
    }
    if (await isFull(step, queue)) return { error: "QueueAtCapacity" };
    return {
      ends: "TRANSFERRED_TO_QUEUE",
      nextId: queue.id,
      afterwards: async () => {
        const leg = await continueInNewContact(unit, platform, step.contact, {
          id: step.seed,
          initiationMethod: "QUEUE_TRANSFER",
          targetQueueId: queue.id,
        });
        await startQueueFlow(unit, platform, await enqueueContact(unit, platform, leg, queue.id), actions);
      },
    };
  },
};

/** Offers a transferred call to the agent of the quick connect. Where they are away or have another contact, it ends. */
export const TransferContactToAgent: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { unit, platform, contact } = step;
    const agentId = contact.targetQueueId;
    const agent = agentId === undefined ? undefined : await findAgent(unit, contact, agentId);
    if (!agent?.isSignedIn || agent.state.contacts.length > 0 || contact.queue) {
      const hangUp = () => disconnectContact(unit, platform, step.contact, "CONTACT_FLOW_DISCONNECT");
      return { ends: "DROPPED", afterwards: hangUp };
    }
    const afterwards = () => enqueueContact(unit, platform, step.contact, agent.id);
    return { ends: "TRANSFERRED_TO_AGENT", nextId: agent.id, afterwards };
  },
};

/** The queue or agent's own queue that an action names. */
export async function queueNamed(step: Step): Promise<Queue | undefined> {
  const { unit, contact, parameters } = step;
  if ("AgentId" in parameters) {
    if ("QueueId" in parameters) return undefined;
    const agentId = textParameter(step, "AgentId");
    const user = agentId === undefined ? undefined : await findResource(unit, users, "user", contact, agentId);
    return user && unit.get(queues, instanceKey(contact, user.id));
  }
  const queueId = textParameter(step, "QueueId")?.replace("/queue/agent/", "/queue/");
  return queueId === undefined ? undefined : findResource(unit, queues, "queue", contact, queueId);
}

/** Whether as many contacts wait in a queue as may. How many wait decides, so it is guarded by the queue. */
async function isFull({ unit, platform }: Step, queue: Queue): Promise<boolean> {
  const max = queue.type === "AGENT" ? quotaOf(platform.limits, "connect.contacts-per-agent-queue") : queue.maxContacts;
  if (max === undefined) return false;
  unit.put(queues, resourceKey(queue), queue);
  const waiting = { collection: contacts, index: "waiting", prefix: instanceKey(queue, queue.id, "") };
  return countReaches(unit, waiting, max);
}

async function queueTransfers(unit: Unit, contact: Contact): Promise<number> {
  let transfers = 0;
  let at: Contact | undefined = contact;
  while (at?.initiationMethod === "QUEUE_TRANSFER" && at.previousContactId !== undefined) {
    transfers += 1;
    at = await unit.get(contacts, contactKey({ ...at, id: at.previousContactId }));
  }
  return transfers;
}
