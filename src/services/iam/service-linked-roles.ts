import type {
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse,
  DeleteServiceLinkedRoleRequest,
  DeleteServiceLinkedRoleResponse,
  GetServiceLinkedRoleDeletionStatusRequest,
  GetServiceLinkedRoleDeletionStatusResponse,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";
import { getIdentity, identityKey, ROLES, type Role } from "./identity.ts";
import { ATTACHMENTS, attachmentKey, attachmentsOf } from "./managed-policy.ts";
import { addRole, showRole } from "./roles.ts";
import { uniqueId } from "./unique-id.ts";

/** What the role of a service is called behind `AWSServiceRoleFor`, where it is not the service's own name. */
const NAMES: Readonly<Record<string, string>> = {
  "connect.amazonaws.com": "AmazonConnect",
  "connect-campaigns.amazonaws.com": "ConnectCampaigns",
  "profile.amazonaws.com": "ProfileSync",
  "ops.apigateway.amazonaws.com": "APIGateway",
  "lambda.amazonaws.com": "Lambda",
  "kinesis.amazonaws.com": "Kinesis",
  "events.amazonaws.com": "Events",
  "logs.amazonaws.com": "Logs",
};

/** Creates the role of a service, which only that service may change. */
export async function createServiceLinkedRole(
  input: Validated<CreateServiceLinkedRoleRequest>,
  context: Context,
): Promise<CreateServiceLinkedRoleResponse> {
  const { AWSServiceName: service, CustomSuffix: suffix, Description: description } = input;
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/.test(service)) {
    throw invalidInput(`Service role name AWSServiceRoleFor${service} is not valid: ${service} is no service.`);
  }
  const [own = ""] = service.split(".");
  const base = NAMES[service] ?? own.split("-").map(capitalized).join("");
  const name = `AWSServiceRoleFor${base}${suffix === undefined ? "" : `_${suffix}`}`;
  const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  const role: Role = {
    account: context.account,
    name,
    path: `/aws-service-role/${service}/`,
    id: uniqueId("AROA", context.ids),
    createdMs: context.clock.now(),
    policies: {},
    tags: [],
    ...(description !== undefined && { description }),
    maxSessionSeconds: 3600,
    trustPolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    linkedTo: service,
  };
  await context.store.commit(async (unit) => {
    if (await unit.get(ROLES, identityKey(role.account, name))) {
      throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`);
    }
    await addRole(unit, context, role);
  });
  return { Role: showRole(role) };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A deletion that was asked for: it is done at once, and told of as the real service does. */
const DELETIONS: Collection<{ readonly roleArn: string }> = collection("iam_role_deletions");

export async function deleteServiceLinkedRole(
  input: Validated<DeleteServiceLinkedRoleRequest>,
  context: Context,
): Promise<DeleteServiceLinkedRoleResponse> {
  const id = context.ids.uuid();
  const task = await context.store.commit(async (unit) => {
    const role = await getIdentity(unit, "role", context, input.RoleName);
    if (role.linkedTo === undefined) throw noSuchEntity(`The role with name ${input.RoleName} cannot be found.`);
    for (const attachment of await attachmentsOf(unit, "role", role))
      unit.delete(ATTACHMENTS, attachmentKey(attachment));
    unit.delete(ROLES, identityKey(role.account, role.name));
    const made = `task${role.path}${role.name}/${id}`;
    unit.put(DELETIONS, compositeKey(role.account, made), {
      roleArn: `arn:aws:iam::${role.account}:role${role.path}${role.name}`,
    });
    return made;
  });
  return { DeletionTaskId: task };
}

export async function getServiceLinkedRoleDeletionStatus(
  input: Validated<GetServiceLinkedRoleDeletionStatusRequest>,
  context: Context,
): Promise<GetServiceLinkedRoleDeletionStatusResponse> {
  const found = await context.store.get(DELETIONS, compositeKey(context.account, input.DeletionTaskId));
  if (found === undefined) throw noSuchEntity(`Deletion task ${input.DeletionTaskId} cannot be found.`);
  return { Status: "SUCCEEDED" };
}
