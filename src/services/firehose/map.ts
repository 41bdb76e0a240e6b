import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { deliveryStreamArn, deliveryStreams } from "./delivery-stream.ts";
import type { Destination } from "./destination.ts";

/** A stream has one such destination, whose address may change. */
export const HTTP_END = "HTTP";

/** Delivery streams, what they read, and where they put it. */
export async function* mapOfDeliveryStreams(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const stream of documentsOf(reader, deliveryStreams, { prefix: compositeKey(account, region, "") })) {
    const id = deliveryStreamArn(stream);
    yield { part: "node", id, kind: "delivery stream", name: stream.name };
    if (stream.source) yield { part: "edge", from: stream.source.streamArn, to: id, label: "read by Firehose" };
    yield* partsOfDestination(id, stream.destination);
  }
}

function* partsOfDestination(from: string, destination: Destination): Generator<MapPart> {
  if (destination.kind === "http") {
    yield outside(destination.url, destination.url);
    yield { part: "edge", from, to: destination.url, label: "HTTP", countedTo: HTTP_END };
  }
  const backup = destination.kind === "s3" ? destination.backup : undefined;
  if (destination.s3) {
    const label = destination.kind === "s3" ? "files" : "what failed";
    yield { part: "edge", from, to: destination.s3.BucketARN, label };
  }
  if (backup) yield { part: "edge", from, to: backup.BucketARN, label: "backup" };
}
