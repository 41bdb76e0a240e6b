import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { CreateUserRequest, CreateUserResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Ids } from "../../time/ids.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { refusingDuplicateName, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { agentQueueOf, queues } from "./queues.ts";
import { quotaReached } from "./quotas.ts";
import { useSecurityProfiles } from "./security-profiles.ts";
import { useHierarchyGroup } from "./user-hierarchy.ts";
import { requireNewIdentity } from "./user-identity.ts";
import { useRoutingProfile } from "./user-routing-profile.ts";
import { refuseSameSettingTwice, requireChannelConfigs, requirePhone } from "./user-settings.ts";
import { channelConfigsOf, type User, users } from "./users.ts";

/** Creates a user, with a queue of its own. */
export async function createUser(input: Validated<CreateUserRequest>, context: Context): Promise<CreateUserResponse> {
  requirePhone(input.PhoneConfig);
  requireChannelConfigs(input);
  refuseSameSettingTwice(input.PhoneConfig, input);
  requireNewIdentity(await getInstance(context.store, context, input.InstanceId), input);
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const passwordHash = input.Password === undefined ? undefined : await hashOf(input.Password, context.ids);
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: users, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.users-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of users per instance is used up");
    }
    const groupId = input.HierarchyGroupId;
    const user: User = {
      ...refOf(instance),
      ...channelConfigsOf(input),
      id,
      name: input.Username,
      identity: input.IdentityInfo ?? {},
      phone: input.PhoneConfig,
      directoryUserId: input.DirectoryUserId,
      securityProfileIds: await useSecurityProfiles(unit, instance, input.SecurityProfileIds),
      routingProfileId: await useRoutingProfile(unit, instance, input.RoutingProfileId),
      hierarchyGroupId: groupId === undefined ? undefined : (await useHierarchyGroup(unit, instance, groupId)).id,
      passwordHash,
      proficiencies: [],
      tags: input.Tags ?? {},
      lastModifiedMs: nowMs,
    };
    unit.put(users, resourceKey(user), user);
    unit.put(queues, resourceKey(user), agentQueueOf(user, nowMs));
    return { UserId: id, UserArn: resourceArn("user", instance, id) };
  });
  return refusingDuplicateName(input.Username, commit);
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Two hashes may be made at a time: each lane's last one, which the next in it waits for. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

/**
 * A password as it is kept: salt and scrypt's key with Node's default cost, in base64url, with a colon between.
 *
 * It keeps one of the pool's four threads busy for some 40 ms, and many at once would keep all of them, so that the disk's syncs, and with
 * them every other write, wait behind.
 */
async function hashOf(password: string, ids: Ids): Promise<string> {
  const salt = Buffer.from(ids.bytes(SALT_BYTES)).toString("base64url");
  const hash = promisify<string, string, number, Buffer>(scrypt);
  const key = Promise.resolve(lanes.shift()).then(() => hash(password, salt, HASH_BYTES));
  lanes.push(key.catch(() => {}));
  return `${salt}:${(await key).toString("base64url")}`;
}
