import type { DeleteUserRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { signOut } from "./agent-sessions.ts";
import { findAgent } from "./agents.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { queues } from "./queues.ts";
import { getUser, users } from "./users.ts";

/** Deletes a user, with the queue of its own. Who is signed in is signed out first, which ends what they had. */
export async function deleteUser(
  input: Validated<DeleteUserRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const user = await getUser(unit, instance, input.UserId);
    const agent = await findAgent(unit, instance, user.id);
    if (agent?.isSignedIn) await signOut(unit, context, agent);
    unit.delete(users, resourceKey(user));
    unit.delete(queues, resourceKey(user));
  });
  return {};
}
