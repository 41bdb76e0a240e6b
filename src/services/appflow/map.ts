import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { flowArn, flows } from "./flow-document.ts";
import { isOff } from "./flows.ts";

/** Flows: where they read, and what takes their records. */
export async function* mapOfFlows(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const flow of documentsOf(reader, flows, { prefix: compositeKey(account, region, "") })) {
    const id = flowArn(flow);
    const off = isOff(flow);
    yield { part: "node", id, kind: "flow", name: flow.name, isOff: off };
    const { connector, profileName, properties } = flow.plan.source;
    if (connector === "S3") {
      yield { part: "edge", from: `arn:aws:s3:::${properties.BucketName}`, to: id, label: "objects", isOff: off };
    } else {
      const source = `${connector} ${profileName ?? ""}`.trim();
      yield outside(source, source);
      yield { part: "edge", from: source, to: id, label: properties.Object ?? "records", isOff: off };
    }
    yield { part: "edge", from: id, to: flow.destinationArn, label: "records", isOff: off };
  }
}
