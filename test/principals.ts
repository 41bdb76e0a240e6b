/** Users and roles with policies, and the credentials by which tests call as them. */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from "@aws-sdk/client-sts";
import type { TestServer } from "./server.ts";

type ClientOptions = TestServer["client"];

/** One client for each key: making one costs more than calling it. */
function kept<T>(make: (client: ClientOptions) => T): (client: ClientOptions) => T {
  const made = new Map<string, T>();
  return (client) => {
    const { accessKeyId } = client.credentials;
    const name = `${client.endpoint} ${accessKeyId}`;
    const found = made.get(name) ?? make(client);
    made.set(name, found);
    return found;
  };
}

const iamOf = kept((client) => new IAMClient(client));
const stsOf = kept((client) => new STSClient(client));

/** What SDK clients take as credentials. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Statement {
  readonly [element: string]: unknown;
}

export const allow = (
  Action: string | string[],
  Resource: string | string[] = "*",
  rest: Statement = {},
): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...rest,
});

export const deny = (
  Action: string | string[],
  Resource: string | string[] = "*",
  rest: Statement = {},
): Statement => ({
  ...allow(Action, Resource, rest),
  Effect: "Deny",
});

export function policy(...Statement: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** A client's options with other keys. */
export function as(client: ClientOptions, keys: Keys): ClientOptions & { readonly credentials: Keys } {
  return { ...client, credentials: keys };
}

/** A user with these statements as an inline policy, and its keys. */
export async function createUser(client: ClientOptions, UserName: string, ...statements: Statement[]): Promise<Keys> {
  const iam = iamOf(client);
  await iam.send(new CreateUserCommand({ UserName }));
  if (statements.length > 0) await setPolicy(client, UserName, ...statements);
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: String(AccessKey?.AccessKeyId), secretAccessKey: String(AccessKey?.SecretAccessKey) };
}

/** Replaces a user's inline policy. */
export async function setPolicy(client: ClientOptions, UserName: string, ...statements: Statement[]): Promise<void> {
  const PolicyDocument = policy(...statements);
  await iamOf(client).send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
}

/** A role that the named principals may assume. Answers with its ARN. */
export async function createRole(
  client: ClientOptions,
  RoleName: string,
  Principal: unknown,
  ...statements: Statement[]
): Promise<string> {
  const iam = iamOf(client);
  const trust = { Effect: "Allow", Principal, Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
  if (statements.length > 0) {
    const PolicyDocument = policy(...statements);
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
  }
  return String(Role?.Arn);
}

/** The keys of a session as a role. */
export async function assume(
  client: ClientOptions,
  RoleArn: string,
  rest: Partial<AssumeRoleCommandInput> = {},
): Promise<Required<Keys>> {
  const { Credentials } = await stsOf(client).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "session", ...rest }),
  );
  return {
    accessKeyId: String(Credentials?.AccessKeyId),
    secretAccessKey: String(Credentials?.SecretAccessKey),
    sessionToken: String(Credentials?.SessionToken),
  };
}
