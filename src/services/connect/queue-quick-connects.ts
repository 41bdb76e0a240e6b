/** The quick connects that agents see while they serve a queue. */
import type {
  AssociateQueueQuickConnectsRequest,
  DeleteQuickConnectRequest,
  DisassociateQueueQuickConnectsRequest,
  ListQueueQuickConnectsRequest,
  ListQueueQuickConnectsResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, refOf } from "./arns.ts";
import { invalidNextToken } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getQueue, getStandardQueue, type Queue, queues } from "./queues.ts";
import { getQuickConnect, quickConnects, summarize } from "./quick-connects.ts";
import { findAll } from "./search.ts";

/** A quick connect that a queue has. */
export interface QueueQuickConnect extends InstanceRef {
  readonly queueId: string;
  readonly quickConnectId: string;
}

export const queueQuickConnects: Collection<QueueQuickConnect> = collection("connect_queue_quick_connects", {
  quickConnect: { type: "text", value: (offered) => instanceKey(offered, offered.quickConnectId) },
});

/** Quick connects of one queue. */
const QUICK_CONNECTS_MAX = 700;

/** Documents that are deleted at once. */
const DELETED_PER_READ = 1_000;

export async function associateQueueQuickConnects(
  input: Validated<AssociateQueueQuickConnectsRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const queue = await getStandardQueue(unit, instance, input.QueueId);
    await addQuickConnects(unit, queue, input.QuickConnectIds);
    unit.put(queues, resourceKey(queue), { ...queue, lastModifiedMs: context.clock.now() });
  });
  return {};
}

/** Takes quick connects from a queue. Those that it does not have are ignored (our choice). */
export async function disassociateQueueQuickConnects(
  input: Validated<DisassociateQueueQuickConnectsRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const queue = await getStandardQueue(unit, instance, input.QueueId);
    for (const idOrArn of input.QuickConnectIds) {
      const id = parseResourceId("quickConnect", instance, idOrArn);
      if (id !== undefined) unit.delete(queueQuickConnects, instanceKey(queue, queue.id, id));
    }
    unit.put(queues, resourceKey(queue), { ...queue, lastModifiedMs: context.clock.now() });
  });
  return {};
}

export async function listQueueQuickConnects(
  input: Validated<ListQueueQuickConnectsRequest>,
  context: Context,
): Promise<ListQueueQuickConnectsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const queue = await getQueue(context.store, instance, input.QueueId);
  const page = await listPage(
    context.store,
    {
      collection: queueQuickConnects,
      under: [queue.account, queue.region, queue.instanceId, queue.id],
      nameOf: ({ quickConnectId }) => quickConnectId,
    },
    {
      of: ["ListQueueQuickConnects", resourceKey(queue)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const offered = await Promise.all(
    page.items.map(({ quickConnectId }) => context.store.get(quickConnects, instanceKey(queue, quickConnectId))),
  );
  return {
    QuickConnectSummaryList: offered.filter((connect) => connect !== undefined).map(summarize),
    NextToken: page.nextToken,
    LastModifiedTime: new Date(queue.lastModifiedMs),
    LastModifiedRegion: queue.region,
  };
}

/** Deletes a quick connect, and takes it from all queues that have it. */
export async function deleteQuickConnect(
  input: Validated<DeleteQuickConnectRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const connect = await getQuickConnect(unit, instance, input.QuickConnectId);
    const range = { index: "quickConnect", equals: resourceKey(connect), limit: DELETED_PER_READ };
    for (let page = await unit.list(queueQuickConnects, range); page.documents.length > 0; ) {
      for (const offered of page.documents) unit.delete(queueQuickConnects, queueQuickConnectKey(offered));
      page = await unit.list(queueQuickConnects, range);
    }
    unit.delete(quickConnects, resourceKey(connect));
  });
  return {};
}

/**
 * Gives quick connects to a queue, which the caller writes, so that their number is guarded. Writes the quick connects as well,
 * since their deletion must find the queues that have them. Whoever has one already keeps it.
 */
export async function addQuickConnects(unit: Unit, queue: Queue, idsOrArns: readonly string[]): Promise<void> {
  for (const idOrArn of idsOrArns) {
    const connect = await getQuickConnect(unit, queue, idOrArn);
    unit.put(quickConnects, resourceKey(connect), connect);
    const offered = { ...refOf(queue), queueId: queue.id, quickConnectId: connect.id };
    unit.put(queueQuickConnects, queueQuickConnectKey(offered), offered);
  }
  const all = await findAll(unit, queueQuickConnects, instanceKey(queue, queue.id, ""), []);
  if (all.length > QUICK_CONNECTS_MAX) {
    throw new ModeledError("LimitExceededException", `A queue may have at most ${QUICK_CONNECTS_MAX} quick connects`);
  }
}

export async function deleteQuickConnectsOfQueue(unit: Unit, queue: Queue): Promise<void> {
  const all = await findAll(unit, queueQuickConnects, instanceKey(queue, queue.id, ""), []);
  for (const offered of all) unit.delete(queueQuickConnects, queueQuickConnectKey(offered));
}

export function queueQuickConnectKey(offered: QueueQuickConnect): string {
  return instanceKey(offered, offered.queueId, offered.quickConnectId);
}
