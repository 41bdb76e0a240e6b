import { pageOf } from "../../pages.tsx";
import { href } from "../../route.ts";
import type { MapNode } from "./graph.ts";

/** Where one looks at a thing: its page, or where there is none, an operation of the API that describes it. */
export function nodePage(node: MapNode): string | undefined {
  const page = pagesOf(node).find((path) => pageOf(path) !== undefined);
  if (page !== undefined) return href(page, queryOf(node));
  const call = describing(node);
  return call && href(["api"], { model: call[0], operation: call[1], input: JSON.stringify(call[2]) });
}

/** Pages that show it, the closest first: which of them there are the table of pages knows. */
function pagesOf({ kind, name, id, of = "" }: MapNode): (readonly string[])[] {
  switch (kind) {
    case "bus":
      return [["buses", name]];
    case "event source":
      return [["buses", id.split(" ")[1]?.split("event-bus/")[1] ?? "default"]];
    case "rule":
      return [
        ["buses", of, name],
        ["buses", of],
      ];
    case "archive":
      return [["buses", of]];
    case "stream":
      return [["streams", name]];
    case "function":
      return [["functions", name]];
    case "API":
      return [["apis", of], ["apis"]];
    case "instance":
      return [["contacts"]];
    case "Connect rule":
      return [["rules", id.split("/")[1] ?? "", of], ["rules"]];
    case "profiles domain":
      return [["profiles", name], ["profiles"]];
    case "event trigger":
      return [
        ["profiles", of, "triggers", name],
        ["profiles", of],
      ];
    case "cases domain":
      return [["cases", of], ["cases"]];
    case "flow":
      return [["flows", name], ["flows"], ["integrations"]];
    case "queue":
      return [["queues-sqs", name]];
    case "delivery stream":
      return [["delivery-streams"]];
    default:
      return [];
  }
}

function queryOf({ kind, name }: MapNode): Readonly<Record<string, string>> {
  return kind === "event source" ? { filter: name } : {};
}

function describing({ kind, name, id }: MapNode): readonly [string, string, object] | undefined {
  const [, , , region = "", account = ""] = id.split(":");
  switch (kind) {
    case "queue":
      return [
        "sqs",
        "GetQueueAttributes",
        { QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`, AttributeNames: ["All"] },
      ];
    case "topic":
      return ["sns", "GetTopicAttributes", { TopicArn: id }];
    case "bucket":
      return ["s3", "ListObjectsV2", { Bucket: name }];
    case "log group":
      return ["logs", "FilterLogEvents", { logGroupName: name }];
    case "delivery stream":
      return ["firehose", "DescribeDeliveryStream", { DeliveryStreamName: name }];
    case "API destination":
      return ["events", "DescribeApiDestination", { Name: name }];
    case "campaign":
      return ["connectcampaignsv2", "DescribeCampaign", { id: id.split("/").at(-1) }];
    case "flow":
      return ["appflow", "DescribeFlow", { flowName: name }];
    case "partner source":
      return ["events", "DescribeEventSource", { Name: name }];
    default:
      return undefined;
  }
}
