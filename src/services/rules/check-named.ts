import type { NotificationRecipientType, RuleAction } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { findUsers, hasContactFlow, type InstanceRef, notFound } from "../connect/index.ts";
import { ACTION_MEMBERS, type RuleActionType } from "./action-table.ts";
import { holdsVariable } from "./variables.ts";

/**
 * Flows and users that actions name must be there, for drafts too. Whether the flow can be run is seen when the task is made, and a user who goes
 * later is passed over. Throws `ResourceNotFoundException` with the place (our choice of the error).
 */
export async function checkNamed(
  reader: Reader,
  instance: InstanceRef,
  actions: readonly Validated<RuleAction>[],
): Promise<void> {
  for (const [index, action] of actions.entries()) {
    const at = `Actions[${index}]`;
    const flowId = action.ActionType === "CREATE_TASK" ? action.TaskAction?.ContactFlowId : undefined;
    if (flowId !== undefined && !(await hasContactFlow(reader, instance, flowId))) {
      throw notFound(`${at}.TaskAction.ContactFlowId: there is no flow ${flowId} in instance ${instance.instanceId}`);
    }
    const member = NOTIFICATIONS.get(action.ActionType);
    if (member === undefined) continue;
    const { Recipient, Exclusion } = (action as object as Readonly<Record<string, Notification>>)[member] ?? {};
    for (const [list, users] of Object.entries({ Recipient, Exclusion })) {
      for (const [place, id] of (users?.UserIds ?? []).entries()) {
        if (holdsVariable(id) || (await findUsers(reader, instance, { ids: [id], tags: {} })).length > 0) continue;
        throw notFound(
          `${at}.${member}.${list}.UserIds[${place}]: there is no user ${id} in instance ${instance.instanceId}`,
        );
      }
    }
  }
}

interface Notification {
  readonly Recipient?: NotificationRecipientType;
  readonly Exclusion?: NotificationRecipientType;
}

const NOTIFICATIONS: ReadonlyMap<RuleActionType, string> = new Map(
  (["SEND_NOTIFICATION", "SEND_IN_APP_NOTIFICATION"] as const).map((type) => [type, ACTION_MEMBERS[type]]),
);
