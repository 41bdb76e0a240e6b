/** IAM. */
import { type Changing, type Made, type Properties, type ResourceType, type Work, words } from "../resource-type.ts";
import { found, listAt, oneFound, pick, tagList } from "./parts.ts";

type Call = Work["call"];

/** What roles and users have in common: managed policies that are attached, and policies of their own. */
function policies(kind: "Role" | "User"): {
  put(call: Call, name: string, properties: Properties, before?: Properties): Promise<void>;
  clear(call: Call, name: string): Promise<void>;
} {
  const member = `${kind}Name`;
  return {
    async put(call, name, properties, before = {}) {
      const [now, then] = [listAt(properties, "ManagedPolicyArns"), listAt(before, "ManagedPolicyArns")];
      for (const PolicyArn of then.filter((arn) => !now.includes(arn))) {
        await found(call("iam", `Detach${kind}Policy`, { [member]: name, PolicyArn }));
      }
      for (const PolicyArn of now) await call("iam", `Attach${kind}Policy`, { [member]: name, PolicyArn });
      const own = listAt(properties, "Policies") as { PolicyName: string; PolicyDocument: unknown }[];
      for (const { PolicyName } of listAt(before, "Policies") as { PolicyName: string }[]) {
        if (own.some((policy) => policy.PolicyName === PolicyName)) continue;
        await found(call("iam", `Delete${kind}Policy`, { [member]: name, PolicyName }));
      }
      for (const policy of own) await call("iam", `Put${kind}Policy`, { ...policy, [member]: name });
    },
    async clear(call, name) {
      const { AttachedPolicies = [] } = await call("iam", `ListAttached${kind}Policies`, { [member]: name });
      for (const { PolicyArn } of AttachedPolicies)
        await call("iam", `Detach${kind}Policy`, { [member]: name, PolicyArn });
      const { PolicyNames = [] } = await call("iam", `List${kind}Policies`, { [member]: name });
      for (const PolicyName of PolicyNames) await call("iam", `Delete${kind}Policy`, { [member]: name, PolicyName });
    },
  };
}

async function retagIam(
  { call, tags, tagKeysBefore, before, properties, physicalId }: Changing,
  kind: "Role" | "User",
): Promise<void> {
  const member = `${kind}Name`;
  const wanted = new Set(tags.map(({ Key }) => Key));
  const gone = tagKeysBefore.filter((key) => !wanted.has(key));
  if (gone.length > 0) await call("iam", `Untag${kind}`, { [member]: physicalId, TagKeys: gone });
  if (tags.length > 0) await call("iam", `Tag${kind}`, { [member]: physicalId, Tags: tags });
  if (properties.PermissionsBoundary !== undefined) {
    await call("iam", `Put${kind}PermissionsBoundary`, {
      [member]: physicalId,
      PermissionsBoundary: properties.PermissionsBoundary,
    });
  } else if (before.PermissionsBoundary !== undefined) {
    await call("iam", `Delete${kind}PermissionsBoundary`, { [member]: physicalId });
  }
}

const ofRole = policies("Role");
const role: ResourceType = {
  updatable: words(
    "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration PermissionsBoundary Policies Tags",
  ),
  replacing: ["Path", "RoleName"],
  required: ["AssumeRolePolicyDocument"],
  name: { property: "RoleName", charactersMax: 64 },
  async create(work) {
    const { call, name, properties } = work;
    const members = words("AssumeRolePolicyDocument Description MaxSessionDuration Path PermissionsBoundary");
    const { Role } = await call("iam", "CreateRole", {
      RoleName: name,
      ...pick(properties, members),
      ...tagList(work),
    });
    work.began(name);
    await ofRole.put(call, name, properties);
    return { physicalId: name, attributes: { Arn: Role.Arn, RoleId: Role.RoleId } };
  },
  async update(changing) {
    const { call, physicalId: RoleName, properties, before } = changing;
    const { AssumeRolePolicyDocument: PolicyDocument } = properties;
    if (changing.changed("AssumeRolePolicyDocument"))
      await call("iam", "UpdateAssumeRolePolicy", { RoleName, PolicyDocument });
    if (changing.changed("Description", "MaxSessionDuration")) {
      await call("iam", "UpdateRole", {
        RoleName,
        Description: "",
        MaxSessionDuration: 3600,
        ...pick(properties, ["Description", "MaxSessionDuration"]),
      });
    }
    await ofRole.put(call, RoleName, properties, before);
    await retagIam(changing, "Role");
    return undefined;
  },
  async remove({ call, physicalId: RoleName }) {
    await ofRole.clear(call, RoleName);
    await call("iam", "DeleteRole", { RoleName });
  },
  complete: ({ call, name, properties }) => ofRole.put(call, name, properties),
  async find({ call, name }) {
    const answer = await found(call("iam", "GetRole", { RoleName: name }));
    if (answer === undefined) return undefined;
    return { physicalId: name, attributes: { Arn: answer.Role.Arn, RoleId: answer.Role.RoleId } };
  },
};

const ofUser = policies("User");
const user: ResourceType = {
  updatable: words("Groups ManagedPolicyArns Path PermissionsBoundary Policies Tags"),
  replacing: ["UserName"],
  required: [],
  name: { property: "UserName", charactersMax: 64 },
  async create(work) {
    const { call, name, properties } = work;
    const { User } = await call("iam", "CreateUser", {
      UserName: name,
      ...pick(properties, ["Path", "PermissionsBoundary"]),
      ...tagList(work),
    });
    work.began(name);
    await completeUser(work);
    return { physicalId: name, attributes: { Arn: User.Arn } };
  },
  async update(changing) {
    const { call, physicalId: UserName, properties, before } = changing;
    if (changing.changed("Path")) await call("iam", "UpdateUser", { UserName, NewPath: properties.Path ?? "/" });
    await ofUser.put(call, UserName, properties, before);
    const now = listAt(properties, "Groups");
    for (const GroupName of listAt(before, "Groups").filter((group) => !now.includes(group))) {
      await call("iam", "RemoveUserFromGroup", { GroupName, UserName });
    }
    for (const GroupName of now) await call("iam", "AddUserToGroup", { GroupName, UserName });
    await retagIam(changing, "User");
    const { User } = await call("iam", "GetUser", { UserName });
    return { Arn: User.Arn };
  },
  async remove({ call, physicalId: UserName }) {
    await ofUser.clear(call, UserName);
    const { Groups = [] } = await call("iam", "ListGroupsForUser", { UserName });
    for (const { GroupName } of Groups) await call("iam", "RemoveUserFromGroup", { GroupName, UserName });
    await call("iam", "DeleteUser", { UserName });
  },
  complete: completeUser,
  async find({ call, name }) {
    const answer = await found(call("iam", "GetUser", { UserName: name }));
    return answer && { physicalId: name, attributes: { Arn: answer.User.Arn } };
  },
};

async function completeUser({ call, name: UserName, properties }: Work): Promise<void> {
  await ofUser.put(call, UserName, properties);
  for (const GroupName of listAt(properties, "Groups")) await call("iam", "AddUserToGroup", { GroupName, UserName });
}

const HOLDERS = [
  ["Roles", "Role"],
  ["Users", "User"],
  ["Groups", "Group"],
] as const;

/** A policy in other roles, users and groups. */
const inlinePolicy: ResourceType = {
  updatable: ["PolicyDocument", "PolicyName", "Roles", "Users", "Groups"],
  replacing: [],
  required: ["PolicyDocument", "PolicyName"],
  async create({ call, properties, name }) {
    await putInline(call, properties, {});
    return { physicalId: name, attributes: { Id: name } };
  },
  async update({ call, properties, before }) {
    await putInline(call, properties, before);
    return undefined;
  },
  remove: ({ call, properties }) => putInline(call, { PolicyName: properties.PolicyName }, properties),
};

async function putInline(call: Call, properties: Properties, before: Properties): Promise<void> {
  const { PolicyName, PolicyDocument } = properties;
  for (const [list, kind] of HOLDERS) {
    const now = listAt(properties, list);
    const isRenamed = before.PolicyName !== PolicyName;
    for (const name of listAt(before, list).filter((one) => isRenamed || !now.includes(one))) {
      await found(call("iam", `Delete${kind}Policy`, { [`${kind}Name`]: name, PolicyName: before.PolicyName }));
    }
    for (const name of now)
      await call("iam", `Put${kind}Policy`, { [`${kind}Name`]: name, PolicyName, PolicyDocument });
  }
}

const managedPolicy: ResourceType = {
  updatable: ["PolicyDocument", "Roles", "Users", "Groups"],
  replacing: ["ManagedPolicyName", "Description", "Path"],
  required: ["PolicyDocument"],
  name: { property: "ManagedPolicyName", charactersMax: 128 },
  async create(work) {
    const { call, name, properties } = work;
    const { Policy } = await call("iam", "CreatePolicy", {
      PolicyName: name,
      ...pick(properties, words("PolicyDocument Description Path")),
    });
    const arn = String(Policy.Arn);
    work.began(arn);
    return completePolicy(work, arn);
  },
  recovery: {
    async candidates({ call, name, account, properties: { Path = "/" } }) {
      const PolicyArn = `arn:aws:iam::${account}:policy${Path}${name}`;
      return (await oneFound(call("iam", "GetPolicy", { PolicyArn }))).map(() => PolicyArn);
    },
    complete: completePolicy,
  },
  async update(changing) {
    const { call, physicalId: PolicyArn, properties, before } = changing;
    if (changing.changed("PolicyDocument")) {
      // A policy has at most five versions.
      const { Versions = [] } = await call("iam", "ListPolicyVersions", { PolicyArn });
      const old = (Versions as { VersionId: string; IsDefaultVersion?: boolean }[]).filter(
        ({ IsDefaultVersion }) => !IsDefaultVersion,
      );
      for (const { VersionId } of old) await call("iam", "DeletePolicyVersion", { PolicyArn, VersionId });
      await call("iam", "CreatePolicyVersion", {
        PolicyArn,
        PolicyDocument: properties.PolicyDocument,
        SetAsDefault: true,
      });
    }
    await attach(call, PolicyArn, properties, before);
    return managedAttributes(call, PolicyArn);
  },
  async remove({ call, physicalId: PolicyArn, properties }) {
    await attach(call, PolicyArn, {}, properties);
    const { Versions = [] } = await call("iam", "ListPolicyVersions", { PolicyArn });
    for (const { VersionId, IsDefaultVersion } of Versions) {
      if (!IsDefaultVersion) await call("iam", "DeletePolicyVersion", { PolicyArn, VersionId });
    }
    await call("iam", "DeletePolicy", { PolicyArn });
  },
};

async function completePolicy({ call, properties }: Work, arn: string): Promise<Made> {
  await attach(call, arn, properties, {});
  return { physicalId: arn, attributes: await managedAttributes(call, arn) };
}

async function managedAttributes(call: Call, PolicyArn: string): Promise<Properties> {
  const { Policy } = await call("iam", "GetPolicy", { PolicyArn });
  const names = words(
    "AttachmentCount CreateDate DefaultVersionId IsAttachable PermissionsBoundaryUsageCount PolicyId UpdateDate",
  );
  return { PolicyArn, ...pick(Policy, names) };
}

async function attach(call: Call, PolicyArn: string, properties: Properties, before: Properties): Promise<void> {
  for (const [list, kind] of HOLDERS) {
    const now = listAt(properties, list);
    for (const name of listAt(before, list).filter((one) => !now.includes(one))) {
      await found(call("iam", `Detach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn }));
    }
    for (const name of now) await call("iam", `Attach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn });
  }
}

export const identityTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::IAM::ManagedPolicy": managedPolicy,
  "AWS::IAM::Policy": inlinePolicy,
  "AWS::IAM::Role": role,
  "AWS::IAM::User": user,
};
