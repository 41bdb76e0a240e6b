import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { flowArn, flows } from "./flow-document.ts";

/** Flows: where they read, and what takes their records. */
export async function* mapOfFlows(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const flow of documentsOf(reader, flows, { prefix: compositeKey(account, region, "") })) {
    const id = flowArn(flow);
    const isOff = flow.status === "Suspended" || flow.status === "Draft";
    yield { part: "node", id, kind: "flow", name: flow.name, isOff };
    const { connector, profileName, properties } = flow.plan.source;
    if (connector === "S3") {
      yield { part: "edge", from: `arn:aws:s3:::${properties.BucketName}`, to: id, label: "objects", isOff };
    } else {
      const source = `${connector} ${profileName ?? ""}`.trim();
      yield outside(source, source);
      yield { part: "edge", from: source, to: id, label: properties.Object ?? "records", isOff };
    }
    yield { part: "edge", from: id, to: flow.destinationArn, label: "records", isOff };
  }
}
