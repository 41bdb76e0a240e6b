import { loadModel } from "../../models/catalog.ts";
import { type Change, type Doc, docs, type Kind, type More } from "../kind.ts";
import { createInput } from "../members.ts";

/** How an API tags what is there already. */
interface Tagging {
  readonly operation: string;
  /** Its input's member that says which, and the attribute that is. */
  readonly resource: readonly [member: string, attribute: string];
  readonly tags: "Tags" | "tags";
}

const TAGGING: Readonly<Record<string, Tagging>> = {
  appintegrations: { operation: "TagResource", resource: ["resourceArn", "Arn"], tags: "tags" },
  connect: { operation: "TagResource", resource: ["resourceArn", "Arn"], tags: "tags" },
  "customer-profiles": { operation: "TagResource", resource: ["resourceArn", "Arn"], tags: "tags" },
  events: { operation: "TagResource", resource: ["ResourceARN", "Arn"], tags: "Tags" },
  firehose: { operation: "TagDeliveryStream", resource: ["DeliveryStreamName", "Name"], tags: "Tags" },
  kinesis: { operation: "TagResource", resource: ["ResourceARN", "Arn"], tags: "Tags" },
  lambda: { operation: "TagResource", resource: ["Resource", "Arn"], tags: "Tags" },
  logs: { operation: "TagResource", resource: ["resourceArn", "Arn"], tags: "tags" },
  sns: { operation: "TagResource", resource: ["ResourceArn", "Arn"], tags: "Tags" },
  sqs: { operation: "TagQueue", resource: ["QueueUrl", "Url"], tags: "Tags" },
};

/** IAM has an operation for each. */
const TAGGED_BY_NAME: Readonly<Record<string, Tagging>> = {
  Policies: { operation: "TagPolicy", resource: ["PolicyArn", "Arn"], tags: "Tags" },
  Roles: { operation: "TagRole", resource: ["RoleName", "Name"], tags: "Tags" },
  IamUsers: { operation: "TagUser", resource: ["UserName", "Name"], tags: "Tags" },
};

/** Where reading a resource does not tell its tags: what does. */
const LISTS: Readonly<Record<string, string>> = {
  events: "ListTagsForResource",
  firehose: "ListTagsForDeliveryStream",
  kinesis: "ListTagsForResource",
  lambda: "ListTags",
  logs: "ListTagsForResource",
  sns: "ListTagsForResource",
};
const LISTED_OF_CONNECT = ["IntegrationAssociations", "UseCases"];

/** A kind whose tags can be changed, where its API can do that. Tags that a file does not say are left alone. */
export function withTags(kind: Kind): Kind {
  // Looked up when somebody asks, since it takes the API's model, and most files need few of those.
  return {
    ...kind,
    get changes() {
      return [...(kind.changes ?? []), ...tagChanges(kind)];
    },
    get more() {
      return [...(kind.more ?? []), ...tagLists(kind)];
    },
  };
}

function taggingOf(kind: Kind): (Tagging & { readonly member: string }) | undefined {
  const tagging = TAGGED_BY_NAME[kind.section] ?? TAGGING[kind.model];
  if (!tagging || !Object.hasOwn(kind.attributes, tagging.resource[1])) return undefined;
  const { members } = createInput(loadModel(kind.model), kind);
  const member = ["Tags", "tags"].find((name) => Object.hasOwn(members, name));
  return member === undefined || kind.secret?.includes(member) ? undefined : { ...tagging, member };
}

function tagChanges(kind: Kind): readonly Change[] {
  const tagging = taggingOf(kind);
  if (!tagging) return [];
  const { operation, resource, tags, member } = tagging;
  return [
    {
      operation,
      only: [member],
      inputsOf: (wanted, _whole, attributes) => [{ [resource[0]]: attributes[resource[1]], [tags]: wanted[member] }],
    },
  ];
}

function tagLists(kind: Kind): readonly More[] {
  const tagging = taggingOf(kind);
  const operation = LISTED_OF_CONNECT.includes(kind.section) ? "ListTagsForResource" : LISTS[kind.model];
  if (!tagging || operation === undefined || kind.section === "Functions") return [];
  const { resource, tags, member } = tagging;
  const isMap = kind.model === "kinesis";
  return [
    {
      operation,
      input: { [resource[0]]: resource[1] },
      members: (output) => ({ [member]: isMap ? mapOf(docs(output, tags)) : output[tags] }),
    },
  ];
}

function mapOf(tags: readonly Doc[]): Doc {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
