import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, tellsDefaultBus } from "../map-part.ts";
import { bucketArn, buckets } from "./bucket.ts";

/** Buckets, and whom they tell of what is stored. */
export async function* mapOfBuckets(reader: Reader, scope: MapScope): AsyncGenerator<MapPart> {
  const owned = { index: "account", prefix: compositeKey(scope.account, "") };
  for await (const bucket of documentsOf(reader, buckets, owned)) {
    if (bucket.region !== scope.region) continue;
    const from = bucketArn(bucket);
    yield { part: "node", id: from, kind: "bucket", name: bucket.name };
    const told = bucket.notifications ?? {};
    if (told.EventBridgeConfiguration) yield* tellsDefaultBus(scope, from, "aws.s3", "objects");
    const targets = [
      ...(told.QueueConfigurations ?? []).map(({ QueueArn }) => QueueArn),
      ...(told.TopicConfigurations ?? []).map(({ TopicArn }) => TopicArn),
      ...(told.LambdaFunctionConfigurations ?? []).map(({ LambdaFunctionArn }) => LambdaFunctionArn),
    ];
    for (const to of targets) yield { part: "edge", from, to, label: "notifications" };
  }
}
