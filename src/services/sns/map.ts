import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { SUBSCRIPTIONS, subscriptionArn } from "./subscription.ts";
import { TOPICS, topicArn } from "./topic.ts";

/** Topics, and who has subscribed to them. */
export async function* mapOfTopics(reader: Reader, { account, region }: MapScope): AsyncGenerator<MapPart> {
  for await (const topic of documentsOf(reader, TOPICS, { prefix: compositeKey(account, region, "") })) {
    yield { part: "node", id: topicArn(topic), kind: "topic", name: topic.name };
  }
  const owned = { index: "owner", prefix: compositeKey(account, region, "") };
  for await (const subscription of documentsOf(reader, SUBSCRIPTIONS, owned)) {
    const { topicArn: from, protocol, endpoint, isPending, attributes } = subscription;
    if (!endpoint.startsWith("arn:")) yield outside(endpoint, endpoint);
    const label = isPending ? `${protocol}, not confirmed` : protocol;
    // What is sent is counted for the subscription.
    const countedFrom = subscriptionArn(subscription);
    yield { part: "edge", from, to: endpoint, label, isOff: isPending, countedFrom };
    const deadLetters = deadLetterArn(attributes.RedrivePolicy);
    if (deadLetters) yield { part: "edge", from, to: deadLetters, label: "dead letters" };
  }
}

function deadLetterArn(policy: string | undefined): string | undefined {
  if (!policy) return undefined;
  return (JSON.parse(policy) as { readonly deadLetterTargetArn?: string }).deadLetterTargetArn;
}
