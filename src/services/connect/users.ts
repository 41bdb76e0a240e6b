import type {
  CreateUserRequest,
  DescribeUserRequest,
  DescribeUserResponse,
  ListUsersRequest,
  ListUsersResponse,
  UserIdentityInfo,
  UserPhoneConfig,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, resourceArn } from "./arns.ts";
import { getResource, type InstanceResource, instanceResources, listResources } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** A person who signs in to an instance: an agent, or someone who looks after agents. The name is the user name. */
export interface User extends InstanceResource, ChannelConfigs {
  readonly identity: Validated<UserIdentityInfo>;
  /** The older form of the settings that `ChannelConfigs` has per channel. No setting is in both. */
  readonly phone?: Validated<UserPhoneConfig> | undefined;
  readonly directoryUserId?: string | undefined;
  readonly securityProfileIds: readonly string[];
  readonly routingProfileId: string;
  readonly hierarchyGroupId?: string | undefined;
  /** What the user is good at, in the order of attribute and value. */
  readonly proficiencies: readonly Proficiency[];
  /** Of an instance that manages its users' passwords itself; see `hashOf`. */
  readonly passwordHash?: string | undefined;
}

/** A value of a predefined attribute, and how well the user masters it. */
export interface Proficiency {
  /** The attribute's. */
  readonly name: string;
  readonly value: string;
  /** 1 to 5. */
  readonly level: number;
}

/** A user's settings for single channels. */
export type ChannelConfigs = Readonly<
  Pick<
    Validated<CreateUserRequest>,
    | "AutoAcceptConfigs"
    | "AfterContactWorkConfigs"
    | "PhoneNumberConfigs"
    | "PersistentConnectionConfigs"
    | "VoiceEnhancementConfigs"
  >
>;

export const users: Collection<User> = instanceResources("connect_users", {
  routingProfile: { type: "text", value: (user) => instanceKey(user, user.routingProfileId) },
  hierarchyGroup: {
    type: "text",
    value: (user) => user.hierarchyGroupId && instanceKey(user, user.hierarchyGroupId),
  },
});

export async function describeUser(
  input: Validated<DescribeUserRequest>,
  context: Context,
): Promise<DescribeUserResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const user = await getUser(context.store, instance, input.UserId);
  return {
    User: {
      Id: user.id,
      Arn: resourceArn("user", user, user.id),
      Username: user.name,
      IdentityInfo: { ...user.identity },
      PhoneConfig: user.phone,
      ...channelConfigsOf(user),
      DirectoryUserId: user.directoryUserId,
      SecurityProfileIds: [...user.securityProfileIds],
      RoutingProfileId: user.routingProfileId,
      HierarchyGroupId: user.hierarchyGroupId,
      Tags: { ...user.tags },
      LastModifiedTime: new Date(user.lastModifiedMs),
      LastModifiedRegion: user.region,
    },
  };
}

export async function listUsers(input: Validated<ListUsersRequest>, context: Context): Promise<ListUsersResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, users, instance, { operation: "ListUsers", input });
  return {
    UserSummaryList: page.items.map((user) => ({
      Id: user.id,
      Arn: resourceArn("user", user, user.id),
      Username: user.name,
      LastModifiedTime: new Date(user.lastModifiedMs),
      LastModifiedRegion: user.region,
    })),
    NextToken: page.nextToken,
  };
}

/** A user of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getUser(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<User> {
  return getResource(reader, users, "user", instance, idOrArn);
}

/** What a user, or a request about one, says about single channels. */
export function channelConfigsOf(settings: ChannelConfigs): ChannelConfigs {
  return {
    AutoAcceptConfigs: settings.AutoAcceptConfigs,
    AfterContactWorkConfigs: settings.AfterContactWorkConfigs,
    PhoneNumberConfigs: settings.PhoneNumberConfigs,
    PersistentConnectionConfigs: settings.PersistentConnectionConfigs,
    VoiceEnhancementConfigs: settings.VoiceEnhancementConfigs,
  };
}
