import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope } from "../map-part.ts";
import { groupArn, logGroups } from "./log-group.ts";

/** Log groups that something goes on from: those of functions are many, and end there. */
export async function* mapOfLogGroups(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const group of documentsOf(reader, logGroups, { prefix: compositeKey(account, region, "") })) {
    const id = groupArn(group);
    yield { part: "node", id, kind: "log group", name: group.name };
    for (const { destinationArn } of group.subscriptions ?? []) {
      // Its senders' ARNs end in `:*`.
      yield { part: "edge", from: id, to: destinationArn, label: "subscription", countedFrom: `${id}:*` };
    }
  }
}
