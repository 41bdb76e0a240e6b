import { type Api, ask } from "../api.ts";

/** What the parts of a demo centre are made with. */
export interface DemoStage {
  /** Begins the name of everything that has one: several demo centres stand beside each other. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly api: Api;
  /** Calls an operation by its model's names. Throws `RefusedError`. */
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
  call(model: string, operation: string, input?: object): Promise<any>;
  arn(service: string, resource: string): string;
}

export function openStage(
  api: Api,
  { name, account, region }: Pick<DemoStage, "name" | "account" | "region">,
): DemoStage {
  return {
    name,
    account,
    region,
    api,
    call: (model, operation, body = {}) =>
      ask(api, { service: "connect", method: "POST", path: `/_trunkline/api/${model}/${operation}`, body }),
    arn: (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`,
  };
}

/** A stream with one shard. Answers its ARN. */
export async function createStream({ call, arn }: DemoStage, StreamName: string): Promise<string> {
  await call("kinesis", "CreateStream", { StreamName, ShardCount: 1 });
  await call("kinesis", "DescribeStreamSummary", { StreamName });
  return arn("kinesis", `stream/${StreamName}`);
}

/** A role that a service takes on. Answers its ARN. */
export async function createRole(
  { call }: DemoStage,
  RoleName: string,
  service: string,
  actions: readonly string[],
): Promise<string> {
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = policy(trust);
  const { Role } = await call("iam", "CreateRole", { RoleName, AssumeRolePolicyDocument });
  const PolicyDocument = policy({ Effect: "Allow", Action: actions, Resource: "*" });
  await call("iam", "PutRolePolicy", { RoleName, PolicyName: "demo", PolicyDocument });
  return Role.Arn;
}

export function policy(...Statement: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
