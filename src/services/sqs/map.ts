import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope } from "../map-part.ts";
import { queueArn, queues, redrivePolicyOf } from "./queue.ts";

/** Queues, and those that take what is received too often. */
export async function* mapOfQueues(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const queue of documentsOf(reader, queues, { prefix: compositeKey(account, region, "") })) {
    const id = queueArn(queue);
    yield { part: "node", id, kind: "queue", name: queue.name };
    const redrive = redrivePolicyOf(queue);
    if (redrive) yield { part: "edge", from: id, to: redrive.deadLetterTargetArn, label: "dead letters" };
  }
}
