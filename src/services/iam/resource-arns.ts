import type { Reader } from "../../store/store.ts";
import { collectionOf, type IdentityKind, identityArn, identityKey } from "./identity.ts";
import { INSTANCE_PROFILES } from "./instance-profile.ts";

type Input = Readonly<Record<string, unknown>>;

/** What an operation of IAM is on, as policies name it. Paths are part of ARNs and not of inputs, so they are looked up. */
export async function iamResourceArns(
  reader: Reader,
  account: string,
  operation: string,
  input: Input,
): Promise<readonly string[]> {
  const { PolicyArn, InstanceProfileName, PolicyName, Path = "/", PolicySourceArn, AWSServiceName } = input;
  if (operation === "CreatePolicy") return [`arn:aws:iam::${account}:policy${Path}${PolicyName}`];
  if (typeof PolicySourceArn === "string") return [PolicySourceArn];
  if (typeof AWSServiceName === "string") {
    return [`arn:aws:iam::${account}:role/aws-service-role/${AWSServiceName}/*`];
  }
  const found: string[] = [];
  for (const [member, kind] of NAMED) {
    const name = input[member];
    if (typeof name === "string") found.push(await arnOf(reader, account, kind, name, String(Path)));
  }
  if (typeof InstanceProfileName === "string") {
    const profile = await reader.get(INSTANCE_PROFILES, identityKey(account, InstanceProfileName));
    found.unshift(`arn:aws:iam::${account}:instance-profile${profile?.path ?? Path}${InstanceProfileName}`);
  }
  // Attaching is on the user, role or group; which policy is a matter of conditions.
  if (found.length > 0) return ON_ONE.test(operation) ? found.slice(0, 1) : found;
  return typeof PolicyArn === "string" ? [PolicyArn] : ["*"];
}

/** Membership is a matter of the group, and what is in an instance profile one of the profile. */
const ON_ONE = /^(Add|Remove)(UserTo|UserFrom|RoleTo|RoleFrom)/;

const NAMED: readonly (readonly [member: string, kind: IdentityKind])[] = [
  ["GroupName", "group"],
  ["UserName", "user"],
  ["RoleName", "role"],
];

/** One that there is not yet has the path that is given. */
async function arnOf(reader: Reader, account: string, kind: IdentityKind, name: string, path: string): Promise<string> {
  const identity = await reader.get(collectionOf(kind), identityKey(account, name));
  return identityArn(kind, identity ?? { account, name, path });
}
