import type { Timer } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { tellHeartbeat } from "./agent-transitions.ts";
import { type Agent, agentKey, findAgent } from "./agents.ts";
import { type InstanceRef, refOf } from "./arns.ts";

/**
 * An agent without other events is told of every 120 seconds, and so for an hour after the sign-out. An agent has one timer, and no
 * event moves it: when it fires it looks at when the last one was, and sleeps for what is left. Heartbeats write no agent.
 */
export const HEARTBEAT_TIMER = "connect.heartbeat";

const QUIET_MS = 120_000;

/** "Events continue to be sent for up to one hour after the agent signed off": exactly so long (our choice). */
const AFTER_SIGN_OUT_MS = 3_600_000;

interface HeartbeatPayload extends InstanceRef {
  readonly id: string;
}

/** Sets the timer anew from a sign-in at `atMs`. */
export function scheduleHeartbeat(unit: Unit, platform: Platform, agent: Agent, atMs: number): void {
  schedule(unit, platform, { ...refOf(agent), id: agent.id }, atMs + QUIET_MS);
}

export async function onHeartbeat(unit: Unit, platform: Platform, { dueMs, payload }: Timer): Promise<void> {
  const who = payload as HeartbeatPayload;
  const agent = await findAgent(unit, who, who.id);
  if (!agent) return;
  const endMs = agent.isSignedIn ? Number.POSITIVE_INFINITY : (agent.signedOutMs ?? 0) + AFTER_SIGN_OUT_MS;
  if (dueMs > endMs) return;

  // The timer was set by an event or by the heartbeat before; a later event counts from its own time.
  const quietMs = agent.lastEventMs + QUIET_MS;
  if (quietMs > dueMs) schedule(unit, platform, who, quietMs);
  else {
    await tellHeartbeat(unit, platform, agent, Math.max(platform.clock.now(), agent.lastEventMs));
    schedule(unit, platform, who, Math.max(platform.clock.now(), dueMs) + QUIET_MS);
  }
}

function schedule(unit: Unit, platform: Platform, payload: HeartbeatPayload, dueMs: number): void {
  platform.flow.schedule(unit, {
    id: `${HEARTBEAT_TIMER}:${agentKey(payload)}`,
    kind: HEARTBEAT_TIMER,
    dueMs,
    payload,
  });
}
