import type { JSX } from "preact";
import { instances } from "../instance.ts";
import { href } from "../route.ts";

/** What an ARN names, by its name, with a link to its page where there is one; the whole is in the title. */
export function Arn({ arn }: { readonly arn: string }): JSX.Element {
  const { kind, name } = withAlias(readArn(arn));
  const to = pageOfArn(arn);
  return (
    <span class="arn" title={arn}>
      {kind && <span class="faint">{kind} </span>}
      {to === undefined ? name : <a href={to}>{name}</a>}
    </span>
  );
}

/** Instances are known by what people call them. */
function withAlias({ kind, name }: ReadArn): ReadArn {
  if (kind !== "instance") return { kind, name };
  return { kind, name: instances.value?.find(({ Id }) => Id === name)?.InstanceAlias ?? name };
}

interface ReadArn {
  /** `rule`, `queue`; empty where that is not known. */
  readonly kind: string;
  readonly name: string;
}

const KINDS: Readonly<Record<string, string>> = {
  sqs: "queue",
  sns: "topic",
  "sns-subscription": "subscription",
  s3: "bucket",
};

const CONNECT_RULE = /^instance\/[^/]+\/rule\/(.+)$/;

/** The kind and the name in an ARN; what is none is its own name. */
export function readArn(arn: string): ReadArn {
  const [prefix, , service = "", , , ...rest] = arn.split(":");
  const resource = rest.join(":");
  if (prefix !== "arn" || resource === "") return { kind: "", name: arn };
  const kind = KINDS[service];
  if (kind !== undefined) return { kind: rest.length > 1 && service === "sns" ? "subscription" : kind, name: resource };
  const [, connectRule] = CONNECT_RULE.exec(resource) ?? [];
  if (service === "connect" && connectRule) return { kind: "Connect rule", name: connectRule.slice(0, 8) };
  const [, action] = /^rule-action\/[^/]+\/(.+)$/.exec(resource) ?? [];
  if (action) return { kind: "action", name: action };
  const [, own = "", name = resource] = /^([a-z-]+)[/:](.+)$/.exec(resource) ?? [];
  // An API destination's ARN ends with an id of its own.
  const short = own === "api-destination" ? name.replace(/\/[0-9a-f-]{36}$/, "") : name;
  return { kind: own.replaceAll("-", " ") || service, name: short };
}

/** The page of what an ARN names. */
function pageOfArn(arn: string): string | undefined {
  const [, , service = "", , , ...rest] = arn.split(":");
  const resource = rest.join(":");
  const [, name = ""] = /^[a-z-]+[/:](.+)$/.exec(resource) ?? [];
  if (service === "sqs") return href(["queues-sqs", resource]);
  if (service === "kinesis" && resource.startsWith("stream/")) return href(["streams", name.split("/")[0] ?? name]);
  if (service === "lambda" && resource.startsWith("function:")) return href(["functions", name.split(":")[0] ?? name]);
  if (service === "firehose") return href(["delivery-streams"]);
  if (service === "connect" && CONNECT_RULE.test(resource)) {
    const [, instance = "", , rule = ""] = resource.split("/");
    return href(["rules", instance, rule]);
  }
  if (service !== "events") return undefined;
  if (resource.startsWith("event-bus/")) return href(["buses", name]);
  const bus = name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "default";
  const rule = name.slice(name.lastIndexOf("/") + 1);
  return resource.startsWith("rule/") ? href(["buses", bus, rule]) : undefined;
}
