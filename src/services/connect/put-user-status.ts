import type { PutUserStatusRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { chooseStatus, signIn } from "./agent-sessions.ts";
import { agentStatuses } from "./agent-statuses.ts";
import { findAgent } from "./agents.ts";
import { invalidParameter } from "./errors.ts";
import { getResource } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getUser } from "./users.ts";

/** Sets what an agent does. One who is signed out signs in first (our choice). */
export async function putUserStatus(
  input: Validated<PutUserStatusRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const user = await getUser(unit, instance, input.UserId);
    const status = await getResource(unit, agentStatuses, "agentStatus", instance, input.AgentStatusId);
    if (status.state === "DISABLED") throw invalidParameter(`Agent status ${status.id} is disabled`);

    const agent = await findAgent(unit, instance, user.id);
    const present = agent?.isSignedIn ? agent : await signIn(unit, context, instance, user.id);
    await chooseStatus(unit, context, present, status);
  });
  return {};
}
