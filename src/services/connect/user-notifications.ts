import type {
  ListUserNotificationsRequest,
  ListUserNotificationsResponse,
  NotificationStatus,
  UpdateUserNotificationStatusRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import { PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getUser } from "./users.ts";

/** What a user is told in the agent workspace, in the languages that it is told in. */
export interface UserNotification extends InstanceRef {
  /** The same for all users who are told of it. */
  readonly id: string;
  readonly userId: string;
  /** By locales: `en_US`. */
  readonly content: Readonly<Record<string, string>>;
  readonly priority: "HIGH" | "LOW";
  readonly status: NotificationStatus;
  readonly createdMs: number;
  readonly expiresMs: number;
}

export const userNotifications: Collection<UserNotification> = collection("connect_user_notifications", {
  age: { type: "text", value: (told) => instanceKey(told, told.userId, youngestFirst(told)) },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** "Visible for one week by default" (administrator guide). */
const VISIBLE_MS = 7 * 24 * 60 * 60_000;
/** Old ones that one which is told takes with it. */
const SWEPT = 10;
const LAST_MS = 9_999_999_999_999;

function youngestFirst({ createdMs, id }: UserNotification): string {
  return `${String(LAST_MS - createdMs).padStart(13, "0")} ${id}`;
}

export function userNotificationKey(told: UserNotification): string {
  return instanceKey(told, told.userId, told.id);
}

/** Tells users of the instance something, in somebody else's unit. */
export async function notifyUsers(
  unit: Unit,
  instance: InstanceRef,
  userIds: readonly string[],
  notification: Pick<UserNotification, "id" | "content" | "priority"> & { readonly nowMs: number },
): Promise<void> {
  const { nowMs, ...told } = notification;
  const expired = await unit.list(userNotifications, { index: "expires", before: nowMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(userNotifications, userNotificationKey(old));
  for (const userId of userIds) {
    const one: UserNotification = {
      ...refOf(instance),
      ...told,
      userId,
      status: "UNREAD",
      createdMs: nowMs,
      expiresMs: nowMs + VISIBLE_MS,
    };
    unit.put(userNotifications, userNotificationKey(one), one);
  }
}

/** A page of what a user is told, the youngest first (our choice: no order is documented). */
export async function listUserNotifications(
  input: Validated<ListUserNotificationsRequest>,
  context: Context,
): Promise<ListUserNotificationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const user = await getUser(context.store, instance, input.UserId);
  const nowMs = context.clock.now();
  const page = await listPage(
    context.store,
    {
      collection: userNotifications,
      index: "age",
      under: [user.account, user.region, user.instanceId, user.id],
      nameOf: youngestFirst,
      keep: ({ expiresMs }) => nowMs < expiresMs,
    },
    {
      of: ["ListUserNotifications", instanceKey(user, user.id)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    UserNotifications: page.items.map((told) => ({
      NotificationId: told.id,
      NotificationStatus: told.status,
      InstanceId: told.instanceId,
      RecipientId: told.userId,
      Content: { ...told.content },
      Priority: told.priority,
      Source: "RULES",
      CreatedAt: new Date(told.createdMs),
      ExpiresAt: new Date(told.expiresMs),
    })),
    NextToken: page.nextToken,
  };
}

/** A user has read it, or wants to see it no more. */
export async function updateUserNotificationStatus(
  input: Validated<UpdateUserNotificationStatusRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const user = await getUser(unit, instance, input.UserId);
    const key = instanceKey(user, user.id, input.NotificationId);
    const told = await unit.get(userNotifications, key);
    if (!told || told.expiresMs <= context.clock.now()) {
      throw notFound(`User ${user.id} has no notification ${input.NotificationId}`);
    }
    unit.put(userNotifications, key, { ...told, status: input.Status });
  });
  return {};
}
