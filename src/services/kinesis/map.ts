import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope } from "../map-part.ts";
import { streamArn, streamConsumers, streams } from "./documents.ts";

/** Streams, and the consumers that are registered with them. */
export async function* mapOfStreams(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  const prefix = compositeKey(account, region, "");
  for await (const stream of documentsOf(reader, streams, { prefix })) {
    yield { part: "node", id: streamArn(stream), kind: "stream", name: stream.name };
  }
  for await (const { streamName, name } of documentsOf(reader, streamConsumers, { prefix })) {
    const id = `consumer ${streamName} ${name}`;
    yield { part: "node", id, kind: "outside", name };
    yield {
      part: "edge",
      from: streamArn({ account, region, name: streamName }),
      to: id,
      label: "registered consumer",
    };
  }
}
