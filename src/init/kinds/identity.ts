import type { Doc, Kind } from "../kind.ts";

/** IAM answers policies in the encoding of URLs. */
function plain(document: unknown): string {
  return decodeURIComponent(String(document));
}

function inlinePolicies(section: string, parent: string, owner: "Group" | "Role" | "User"): Kind {
  return {
    section,
    model: "iam",
    parent,
    name: "PolicyName",
    within: { [`${owner}Name`]: "Name" },
    attributes: { Name: ["PolicyName"] },
    list: { operation: `List${owner}Policies`, items: "PolicyNames" },
    read: {
      operation: `Get${owner}Policy`,
      input: { PolicyName: "Name" },
      shaped: (found) => ({ ...found, PolicyDocument: plain(found.PolicyDocument) }),
    },
    create: { operation: `Put${owner}Policy` },
    changes: [{ operation: `Put${owner}Policy`, input: { PolicyName: "Name" } }],
  };
}

function attachedPolicies(section: string, parent: string, owner: "Group" | "Role" | "User"): Kind {
  return {
    section,
    model: "iam",
    parent,
    name: "PolicyArn",
    within: { [`${owner}Name`]: "Name" },
    attributes: { Arn: ["PolicyArn"] },
    list: { operation: `ListAttached${owner}Policies`, items: "AttachedPolicies", name: "PolicyArn" },
    create: { operation: `Attach${owner}Policy` },
    refs: { PolicyArn: "Policies" },
  };
}

const boundary = (found: Doc): Doc => {
  const { PermissionsBoundaryArn } = (found.PermissionsBoundary ?? {}) as Doc;
  return PermissionsBoundaryArn === undefined ? {} : { PermissionsBoundary: PermissionsBoundaryArn };
};

export const identityKinds: readonly Kind[] = [
  {
    section: "Policies",
    model: "iam",
    name: "PolicyName",
    attributes: { Arn: ["Arn"] },
    list: { operation: "ListPolicies", input: { Scope: "Local" }, items: "Policies", name: "PolicyName" },
    read: {
      operation: "GetPolicy",
      at: ["Policy"],
      input: { PolicyArn: "Arn" },
      shaped: async (found, call) => {
        const input = { PolicyArn: found.Arn, VersionId: found.DefaultVersionId };
        const { PolicyVersion } = await call("iam", "GetPolicyVersion", input);
        return { ...found, PolicyDocument: plain((PolicyVersion as Doc).Document) };
      },
    },
    create: { operation: "CreatePolicy" },
    changes: [
      {
        operation: "CreatePolicyVersion",
        only: ["PolicyDocument"],
        inputsOf: ({ PolicyDocument }, _current, { Arn }) => [{ PolicyArn: Arn, PolicyDocument, SetAsDefault: true }],
      },
    ],
  },
  {
    section: "Roles",
    model: "iam",
    name: "RoleName",
    attributes: { Arn: ["Arn"], Name: ["RoleName"] },
    list: { operation: "ListRoles", items: "Roles", name: "RoleName" },
    read: {
      operation: "GetRole",
      at: ["Role"],
      input: { RoleName: "Name" },
      shaped: (found) => {
        const { PermissionsBoundary: _, ...role } = found;
        return {
          ...role,
          ...boundary(found),
          AssumeRolePolicyDocument: plain(found.AssumeRolePolicyDocument),
        };
      },
    },
    create: { operation: "CreateRole" },
    changes: [
      {
        operation: "UpdateAssumeRolePolicy",
        input: { RoleName: "Name" },
        from: { AssumeRolePolicyDocument: "PolicyDocument" },
      },
      { operation: "UpdateRole", input: { RoleName: "Name" } },
      { operation: "PutRolePermissionsBoundary", input: { RoleName: "Name" } },
    ],
    // Roles that services make for themselves.
    isOwn: ({ Path }) => !String(Path).startsWith("/aws-service-role/"),
  },
  inlinePolicies("RolePolicies", "Roles", "Role"),
  attachedPolicies("RoleAttachments", "Roles", "Role"),
  {
    section: "IamUsers",
    model: "iam",
    name: "UserName",
    attributes: { Arn: ["Arn"], Name: ["UserName"] },
    list: { operation: "ListUsers", items: "Users", name: "UserName" },
    read: {
      operation: "GetUser",
      at: ["User"],
      input: { UserName: "Name" },
      shaped: (found) => {
        const { PermissionsBoundary: _, ...user } = found;
        return { ...user, ...boundary(found) };
      },
    },
    create: { operation: "CreateUser" },
    changes: [{ operation: "PutUserPermissionsBoundary", input: { UserName: "Name" } }],
  },
  inlinePolicies("UserPolicies", "IamUsers", "User"),
  attachedPolicies("UserAttachments", "IamUsers", "User"),
  {
    section: "IamGroups",
    model: "iam",
    name: "GroupName",
    attributes: { Name: ["GroupName"], Arn: ["Arn"] },
    list: { operation: "ListGroups", items: "Groups", name: "GroupName" },
    create: { operation: "CreateGroup" },
  },
  inlinePolicies("GroupPolicies", "IamGroups", "Group"),
  attachedPolicies("GroupAttachments", "IamGroups", "Group"),
  {
    section: "UserGroups",
    model: "iam",
    parent: "IamUsers",
    name: "GroupName",
    within: { UserName: "Name" },
    attributes: { Name: ["GroupName"] },
    list: { operation: "ListGroupsForUser", items: "Groups", name: "GroupName" },
    create: { operation: "AddUserToGroup" },
    refs: { GroupName: "IamGroups" },
  },
];
