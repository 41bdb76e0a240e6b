/**
 * Timers for customers and agents who write nothing ("Set up chat timeouts"): who is idle is told of, and in the end the chat is ended.
 * They run while an agent is there, and begin anew with each message of their role. With both kinds set, the time until the end counts
 * from when the participant is idle. Pure.
 */
import type { TimerEligibleParticipantRoles } from "@aws-sdk/client-connect";
import type { ChatWatch, RoleTimers } from "./chats.ts";

const ROLES: readonly TimerEligibleParticipantRoles[] = ["CUSTOMER", "AGENT"];
const MINUTE_MS = 60_000;

export function startWatch(timers: RoleTimers, startMs: number): ChatWatch {
  return { timers, startMs, idleSinceMs: {}, lastMessageMs: {} };
}

/** Somebody of a role has written; `wasIdle`: they had been told of as idle. */
export function watchAfter(
  watch: ChatWatch,
  role: string,
  timeMs: number,
): { readonly watch: ChatWatch; readonly wasIdle: boolean } {
  const watched = ROLES.find((name) => name === role);
  if (!watched) return { watch, wasIdle: false };
  const { [watched]: idleMs, ...idleSinceMs } = watch.idleSinceMs;
  return {
    watch: { ...watch, idleSinceMs, lastMessageMs: { ...watch.lastMessageMs, [watched]: timeMs } },
    wasIdle: idleMs !== undefined,
  };
}

/** What is due next of a watch, the earliest step of any role. */
export interface WatchStep {
  readonly role: TimerEligibleParticipantRoles;
  readonly what: "idle" | "disconnect";
  readonly dueMs: number;
}

export function nextWatchStep(watch: ChatWatch): WatchStep | undefined {
  const steps = ROLES.map((role) => stepOf(watch, role)).filter((step) => step !== undefined);
  return steps.sort((one, other) => one.dueMs - other.dueMs)[0];
}

function stepOf(watch: ChatWatch, role: TimerEligibleParticipantRoles): WatchStep | undefined {
  const { IDLE: idle, DISCONNECT_NONCUSTOMER: disconnect } = watch.timers[role] ?? {};
  const silentSinceMs = Math.max(watch.startMs, watch.lastMessageMs[role] ?? 0);
  const idleMs = watch.idleSinceMs[role];
  if (idle !== undefined && idleMs === undefined) {
    return { role, what: "idle", dueMs: silentSinceMs + idle * MINUTE_MS };
  }
  if (disconnect === undefined) return undefined;
  return { role, what: "disconnect", dueMs: (idleMs ?? silentSinceMs) + disconnect * MINUTE_MS };
}
