import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { clearContact } from "./agent-contacts.ts";
import { onGroupRefresh } from "./agent-group-refresh.ts";
import { HEARTBEAT_TIMER, onHeartbeat } from "./agent-heartbeats.ts";
import { GROUP_REFRESH, type GroupRefresh, PROFILE_REFRESH, type ProfileRefresh } from "./agent-refresh.ts";
import { onProfileRefresh } from "./agent-sessions.ts";
import { contactOf, findAgent } from "./agents.ts";
import { instanceKey } from "./arns.ts";
import { onChatIdle } from "./chat-idle.ts";
import { LATE_RECORD, type LateRecord, onLateRecord } from "./contact-records.ts";
import type { ContactTimerKind, ContactTimerPayload } from "./contact-timers.ts";
import { disconnectContact } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts } from "./contacts.ts";
import { FLOW_TIMER, type FlowTimer } from "./flow-run/flow-runs.ts";
import { wakeRun } from "./flow-run/start-flows.ts";
import type { Wake } from "./flow-run/step.ts";
import { instances } from "./instances.ts";
import { onCallbackDue, onCarrier } from "./outbound-calls.ts";
import { failOffer, onRoutingDue, onWhisperOver } from "./routing.ts";
import { startScheduled } from "./start-task-contact.ts";

/** Declares what the timers of contacts and agents do. */
export function startContactClock(platform: Platform): void {
  onContactTimer(platform, "connect.carrier", onCarrier);
  onContactTimer(platform, "connect.scheduled-start", startScheduled);
  onContactTimer(platform, "connect.callback", onCallbackDue);
  onContactTimer(platform, "connect.routing", onRoutingDue);
  onContactTimer(platform, "connect.expiry", async (unit, _platform, contact) => {
    await disconnectContact(unit, platform, contact, "EXPIRED");
  });
  platform.flow.onTimer(FLOW_TIMER, (unit, timer) => onFlowDue(unit, platform, timer.payload as FlowTimer));
  onContactTimer(platform, "connect.chat-arrival", async (unit, _platform, contact) => {
    await disconnectContact(unit, platform, contact, "CUSTOMER_CONNECTION_NOT_ESTABLISHED");
  });
  onContactTimer(platform, "connect.chat-idle", onChatIdle);
  onContactTimer(platform, "connect.ring", async (unit, _platform, contact) => {
    if (contact.offer) await failOffer(unit, platform, contact, "MISSED");
  });
  platform.flow.onTimer("connect.after-contact-work", (unit, timer) =>
    endWork(unit, platform, timer.payload as ContactTimerPayload),
  );
  platform.flow.onTimer(LATE_RECORD, (unit, timer) => onLateRecord(unit, platform, timer.payload as LateRecord));
  platform.flow.onTimer(HEARTBEAT_TIMER, (unit, timer) => onHeartbeat(unit, platform, timer));
  platform.flow.onTimer(PROFILE_REFRESH, (unit, timer) =>
    onProfileRefresh(unit, platform, timer.payload as ProfileRefresh),
  );
  platform.flow.onTimer(GROUP_REFRESH, (unit, timer) => onGroupRefresh(unit, platform, timer.payload as GroupRefresh));
}

/** A flow goes on that has waited. */
function onFlowDue(unit: Unit, platform: Platform, payload: FlowTimer): Promise<void> {
  return wakeFlow(unit, platform, payload, { by: "time" });
}

/** A flow goes on, if it waits for such a thing. */
export async function wakeFlow(unit: Unit, platform: Platform, payload: FlowTimer, wake: Wake): Promise<void> {
  const contact = await unit.get(contacts, contactKey(payload));
  if (!contact || contact.state === "DISCONNECTED" || !(await unit.get(instances, instanceKey(payload)))) return;
  const { part } = payload;
  const ran = await wakeRun(unit, platform, contact, part, wake);
  if (ran?.isOver && part === "whisper") await onWhisperOver(unit, platform, ran.contact, ran.kind);
}

/** It does nothing for a contact that has ended, or whose instance is being deleted. */
function onContactTimer(
  platform: Platform,
  kind: ContactTimerKind,
  act: (unit: Unit, platform: Platform, contact: Contact) => Promise<unknown>,
): void {
  platform.flow.onTimer(kind, async (unit, timer) => {
    const payload = timer.payload as ContactTimerPayload;
    const contact = await unit.get(contacts, contactKey(payload));
    const instance = await unit.get(instances, instanceKey(payload));
    if (instance && contact && contact.state !== "DISCONNECTED") await act(unit, platform, contact);
  });
}

/** After-contact work that the agent may take no longer for is cleared for them. */
async function endWork(unit: Unit, platform: Platform, payload: ContactTimerPayload): Promise<void> {
  const contact = await unit.get(contacts, contactKey(payload));
  const agent = contact?.agent && (await findAgent(unit, payload, contact.agent.id));
  if (agent && contactOf(agent, payload.id)?.state === "ENDED") {
    await clearContact(unit, platform, agent, payload.id);
  }
}
