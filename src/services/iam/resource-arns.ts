import type { Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";
import { collectionOf, type IdentityKind, identityArn, identityKey } from "./identity.ts";
import { INSTANCE_PROFILES } from "./instance-profile.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * What an operation of IAM is on, as policies name it. Paths are part of ARNs and not of inputs, so they are looked up. Who asks about
 * itself need not say its name; who moves a user or a group must be allowed to where it goes too.
 */
export async function iamResourceArns(
  reader: Reader,
  { account, principalArn = "" }: Pick<Caller, "account"> & Partial<Pick<Caller, "principalArn">>,
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
  if (MOVES.test(operation) && found[0] !== undefined) found.push(movedArn(found[0], input));
  if (found.length === 0 && ON_ITSELF.test(operation) && principalArn.includes(":user/")) return [principalArn];
  // Attaching is on the user, role or group; which policy is a matter of conditions.
  if (found.length > 0) return ON_ONE.test(operation) ? found.slice(0, 1) : [...new Set(found)];
  return typeof PolicyArn === "string" ? [PolicyArn] : ["*"];
}

const MOVES = /^Update(User|Group)$/;

/** Without a user's name they are on whoever calls. */
const ON_ITSELF =
  /^(GetUser|(Create|Delete|Update)AccessKey|(Get|Delete)LoginProfile|List(AccessKeys|MFADevices|SSHPublicKeys|ServiceSpecificCredentials|SigningCertificates))$/;

function movedArn(arn: string, { NewPath, NewUserName, NewGroupName }: Input): string {
  const [, head = "", path = "", name = ""] = /^([^/]+)(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
  return `${head}${NewPath ?? path}${NewUserName ?? NewGroupName ?? name}`;
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
