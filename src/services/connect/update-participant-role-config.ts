import type { ParticipantTimerConfiguration, UpdateParticipantRoleConfigRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { findChat, putChat, type RoleTimers } from "./chats.ts";
import { getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** Sets after how many minutes without a message somebody is idle, and the chat is ended; for the agents who join from now on. */
export async function updateParticipantRoleConfig(
  input: Validated<UpdateParticipantRoleConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    const chat = await findChat(unit, contact);
    if (!chat) throw invalidRequest(`Contact ${contact.id} is no chat`);
    if (chat.endedMs !== undefined || contact.state === "DISCONNECTED") {
      throw new ModeledError("AccessDeniedException", `Contact ${contact.id} has ended`);
    }
    const configs = input.ChannelConfiguration.Chat?.ParticipantTimerConfigList ?? [];
    const asked = configs.map(({ ParticipantRole: role, TimerType: type }) => `${role} ${type}`);
    if (new Set(asked).size < asked.length) throw invalidRequest("A timer is set twice");
    putChat(unit, { ...chat, timers: withTimers(chat.timers ?? {}, configs) });
  });
  return {};
}

function withTimers(before: RoleTimers, configs: readonly Validated<ParticipantTimerConfiguration>[]): RoleTimers {
  const timers = { CUSTOMER: { ...before.CUSTOMER }, AGENT: { ...before.AGENT } };
  for (const { ParticipantRole: role, TimerType: type, TimerValue: value } of configs) {
    const minutes = value.ParticipantTimerDurationInMinutes;
    if (minutes === undefined) delete timers[role][type];
    else timers[role][type] = minutes;
  }
  return timers;
}
