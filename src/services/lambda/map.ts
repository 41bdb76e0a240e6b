import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope } from "../map-part.ts";
import { invokeConfigs } from "./event-invoke-configs.ts";
import { mappingArn, mappings } from "./event-sources/mapping.ts";
import { functionArn, functions } from "./function.ts";

/** Functions, what they read, and where their outcomes go. */
export async function* mapOfFunctions(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  const prefix = compositeKey(account, region, "");
  for await (const one of documentsOf(reader, functions, { prefix })) {
    yield { part: "node", id: functionArn(one), kind: "function", name: one.name };
  }
  for await (const mapping of documentsOf(reader, mappings, { prefix })) {
    const isOff = !mapping.isEnabled;
    yield { part: "edge", from: mapping.sourceArn, to: mapping.functionArn, label: "event source mapping", isOff };
    const failed = mapping.settings.DestinationConfig?.OnFailure?.Destination;
    if (failed) {
      const countedFrom = mappingArn(mapping);
      yield { part: "edge", from: mapping.functionArn, to: failed, label: "failed batches", countedFrom };
    }
  }
  for await (const { onSuccess, onFailure, ...ref } of documentsOf(reader, invokeConfigs, { prefix })) {
    const from = functionArn(ref);
    if (onSuccess) yield { part: "edge", from, to: onSuccess, label: "on success" };
    if (onFailure) yield { part: "edge", from, to: onFailure, label: "on failure" };
  }
}
