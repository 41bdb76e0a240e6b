import type { NotificationRecipientType } from "@aws-sdk/client-connect";
import type { Reader } from "../../store/store.ts";
import { findUsers, type InstanceRef, type User } from "../connect/index.ts";

interface Recipients {
  readonly Recipient?: NotificationRecipientType | undefined;
  readonly Exclusion?: NotificationRecipientType | undefined;
  /** A user may be named by a variable: "the agent who handled the contact". */
  readonly fill: (text: string) => string;
}

/**
 * The users that a notification goes to, each once: those that are named, and those that carry all of the tags, without those that are
 * excluded (our choice of "all"). Who is no user any more is passed over. `isEmptied`: there are none since all are excluded.
 */
export async function findRecipients(
  reader: Reader,
  instance: InstanceRef,
  { Recipient, Exclusion, fill }: Recipients,
): Promise<{ readonly users: readonly User[]; readonly isEmptied: boolean }> {
  const wanted = await usersOf(reader, instance, Recipient, fill);
  const excluded = new Set((await usersOf(reader, instance, Exclusion, fill)).map(({ id }) => id));
  const users = wanted.filter(({ id }) => !excluded.has(id));
  return { users, isEmptied: users.length === 0 && wanted.length > 0 };
}

async function usersOf(
  reader: Reader,
  instance: InstanceRef,
  { UserIds = [], UserTags = {} }: NotificationRecipientType = {},
  fill: (text: string) => string,
): Promise<readonly User[]> {
  const ids = UserIds.map((id) => fill(id)).filter((id) => id !== "");
  return findUsers(reader, instance, { ids, tags: UserTags });
}
