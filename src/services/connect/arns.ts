import { compositeKey } from "../../store/store.ts";

/** Names an instance: everything of Connect but the instance itself lies in one. */
export interface InstanceRef {
  readonly account: string;
  readonly region: string;
  readonly instanceId: string;
}

/** The instance that a thing lies in, without the rest of the thing. */
export function refOf({ account, region, instanceId }: InstanceRef): InstanceRef {
  return { account, region, instanceId };
}

/** Path words of ARNs. They differ from the API's names. */
const PATH_WORDS = {
  agentStatus: "agent-state",
  contact: "contact",
  contactEvaluation: "contact-evaluation",
  contactFlow: "contact-flow",
  contactFlowModule: "flow-module",
  emailAddress: "email-address",
  evaluationForm: "evaluation-form",
  hierarchyGroup: "agent-group",
  hierarchyLevel: "agent-group-level",
  hoursOfOperation: "operating-hours",
  integrationAssociation: "integration-association",
  queue: "queue",
  quickConnect: "transfer-destination",
  routingProfile: "routing-profile",
  rule: "rule",
  securityProfile: "security-profile",
  useCase: "use-case",
  user: "agent",
} as const;

export type ResourceKind = keyof typeof PATH_WORDS;

export function instanceArn({ account, region, instanceId }: InstanceRef): string {
  return `arn:aws:connect:${region}:${account}:instance/${instanceId}`;
}

export function resourceArn(kind: ResourceKind, instance: InstanceRef, id: string): string {
  return `${instanceArn(instance)}/${PATH_WORDS[kind]}/${id}`;
}

/**
 * The instance that an id or ARN names for a caller. `undefined`: an ARN of another account or Region, or of something else.
 */
export function parseInstance(idOrArn: string, caller: { account: string; region: string }): InstanceRef | undefined {
  const { account, region } = caller;
  if (!idOrArn.startsWith("arn:")) return { account, region, instanceId: idOrArn };

  const prefix = instanceArn({ account, region, instanceId: "" });
  return idOrArn.startsWith(prefix) ? { account, region, instanceId: idOrArn.slice(prefix.length) } : undefined;
}

/** The id of a resource in an instance, given as id or ARN. `undefined`: an ARN that is not of this kind or instance. */
export function parseResourceId(kind: ResourceKind, instance: InstanceRef, idOrArn: string): string | undefined {
  if (!idOrArn.startsWith("arn:")) return idOrArn;

  const prefix = resourceArn(kind, instance, "");
  return idOrArn.startsWith(prefix) ? idOrArn.slice(prefix.length) : undefined;
}

/** What an ARN of Connect names: an instance, or a resource in one. `undefined`: no ARN of this caller's Connect. */
export function parseArn(
  arn: string,
  caller: { account: string; region: string },
): { instance: InstanceRef; resource?: { kind: ResourceKind; id: string } } | undefined {
  const prefix = instanceArn({ ...caller, instanceId: "" });
  if (!arn.startsWith(prefix)) return undefined;

  const [instanceId = "", word, id, ...rest] = arn.slice(prefix.length).split("/");
  const instance = { account: caller.account, region: caller.region, instanceId };
  if (word === undefined) return { instance };

  const kind = (Object.keys(PATH_WORDS) as ResourceKind[]).find((candidate) => PATH_WORDS[candidate] === word);
  return kind && id && rest.length === 0 ? { instance, resource: { kind, id } } : undefined;
}

/** The document id of an instance, and with further columns of what lies in it. */
export function instanceKey({ account, region, instanceId }: InstanceRef, ...columns: (string | number)[]): string {
  return compositeKey(account, region, instanceId, ...columns);
}
