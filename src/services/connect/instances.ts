import type {
  DescribeInstanceRequest,
  DescribeInstanceResponse,
  DirectoryType,
  InstanceAttributeType,
  Instance as InstanceDescription,
  InstanceSummary,
  ListInstancesRequest,
  ListInstancesResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceArn, instanceKey, parseInstance } from "./arns.ts";
import { invalidNextToken, invalidParameter, invalidRequest, notFound } from "./errors.ts";

/** A contact centre of an account. */
export interface Instance extends InstanceRef {
  readonly identityManagement: DirectoryType;
  readonly alias?: string | undefined;
  readonly createdMs: number;
  readonly attributes: Readonly<Record<InstanceAttribute, "true" | "false">>;
  readonly tags: Readonly<Record<string, string>>;
  /** Where flows send contacts for which nobody named a queue: the BasicQueue that the instance was created with. */
  readonly defaultQueueId: string;
}

/** The SDK's types lag behind the model by one. */
type InstanceAttribute = InstanceAttributeType | "AUTO_MUTE_AGENT_ON_HOLD";

export const instances: Collection<Instance> = collection("connect_instances", {
  alias: {
    type: "text",
    unique: true,
    value: ({ account, region, alias }) => (alias === undefined ? undefined : compositeKey(account, region, alias)),
  },
});

/** Largest page of ListInstances, and its default. */
const INSTANCES_PER_PAGE = 10;

export async function describeInstance(
  input: Validated<DescribeInstanceRequest>,
  context: Context,
): Promise<DescribeInstanceResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  return { Instance: { ...summaryOf(instance), Tags: { ...instance.tags } } };
}

export async function listInstances(
  input: Validated<ListInstancesRequest>,
  context: Context,
): Promise<ListInstancesResponse> {
  const page = await listPage(
    context.store,
    {
      collection: instances,
      under: [context.account, context.region],
      nameOf: ({ instanceId }) => instanceId,
    },
    {
      of: ["ListInstances", context.account, context.region],
      token: input.NextToken,
      limit: input.MaxResults ?? INSTANCES_PER_PAGE,
      // The operation models no InvalidParameterException.
      refuse: () => invalidRequest(invalidNextToken().message),
    },
  );
  return { InstanceSummaryList: page.items.map(summaryOf), NextToken: page.nextToken };
}

/** The id of the one instance that an account has in a Region. Throws `InvalidParameterException` where there is none, or several. */
export async function onlyInstanceId({ store, account, region }: Context): Promise<string> {
  const { documents } = await store.list(instances, { prefix: compositeKey(account, region, ""), limit: 2 });
  const [only, ...others] = documents;
  if (only && others.length === 0) return only.instanceId;
  throw invalidParameter(`There ${only ? "are several instances" : "is no instance"} in ${region}: name one`);
}

/** The caller's instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getInstance(
  reader: Reader,
  caller: { account: string; region: string },
  idOrArn: string,
): Promise<Instance> {
  const ref = parseInstance(idOrArn, caller);
  const instance = ref && (await findInstance(reader, ref));
  if (!instance) throw notFound(`Instance ${idOrArn} does not exist`);
  return instance;
}

export async function findInstance(reader: Reader, ref: InstanceRef): Promise<Instance | undefined> {
  return reader.get(instances, instanceKey(ref));
}

function summaryOf(instance: Instance): InstanceSummary & InstanceDescription {
  return {
    Id: instance.instanceId,
    Arn: instanceArn(instance),
    IdentityManagementType: instance.identityManagement,
    InstanceAlias: instance.alias,
    CreatedTime: new Date(instance.createdMs),
    ServiceRole: serviceRole(instance),
    InstanceStatus: "ACTIVE",
    InboundCallsEnabled: instance.attributes.INBOUND_CALLS === "true",
    OutboundCallsEnabled: instance.attributes.OUTBOUND_CALLS === "true",
    InstanceAccessUrl: instance.alias === undefined ? undefined : `https://${instance.alias}.my.connect.aws/`,
  };
}

/** The real service makes a service-linked role per instance, with a random suffix of 20 characters. */
function serviceRole({ account, instanceId }: Instance): string {
  const suffix = instanceId.replaceAll("-", "").slice(0, 20);
  return `arn:aws:iam::${account}:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_${suffix}`;
}
