import type { ContactFlowType } from "@aws-sdk/client-connect";
import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { instanceKey } from "../arns.ts";
import { type Contact, isAgentFirst } from "../contacts.ts";
import { queues } from "../queues.ts";
import { ACTIONS_ANYWHERE } from "./actions-anywhere.ts";
import { findFlowProgram, findHookedProgram, type Program } from "./programs.ts";
import { type Ran, startRun } from "./run-flow.ts";

/**
 * What agent and customer hear, one after the other, before they are joined. A whisper that cannot be played, or that fails, joins
 * them all the same (our choice).
 */
export type Whisper = Extract<ContactFlowType, "AGENT_WHISPER" | "CUSTOMER_WHISPER" | "OUTBOUND_WHISPER">;

/** Plays whispers from one on. Not over: `playNextWhisper` follows when the present one is. */
export async function playWhispers(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  whispers: readonly Whisper[],
): Promise<Pick<Ran, "contact" | "isOver">> {
  let current = contact;
  for (const whisper of whispers) {
    const program = await programOf(unit, platform, current, whisper);
    if (!program) continue;
    const ran = await startRun(unit, platform, current, { part: "whisper", program, actions: ACTIONS_ANYWHERE });
    if (!ran.isOver) return ran;
    current = ran.contact;
  }
  return { contact: current, isOver: true };
}

/** The whispers of a contact whose offer is accepted. Tasks and e-mails have no customer who listens, an agent-first callback none yet. */
export function whispersOnAccept(contact: Contact): readonly Whisper[] {
  const { channel } = contact;
  const isAlone = isAgentFirst(contact) || channel === "TASK" || channel === "EMAIL";
  return isAlone ? ["AGENT_WHISPER"] : ["AGENT_WHISPER", "CUSTOMER_WHISPER"];
}

/** The whispers that come behind one that has just been played. */
export function whispersAfter(played: string, contact: Contact): readonly Whisper[] {
  return played === "AGENT_WHISPER" ? whispersOnAccept(contact).slice(1) : [];
}

/** To somebody who was called: the whisper of the queue that the call shows. */
async function programOf(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  whisper: Whisper,
): Promise<Program | undefined> {
  const queueId = whisper === "OUTBOUND_WHISPER" ? contact.queue?.id : undefined;
  const queue = queueId === undefined ? undefined : await unit.get(queues, instanceKey(contact, queueId));
  const flowId = queue?.outboundCaller?.flowId;
  const ofQueue = flowId === undefined ? undefined : await findFlowProgram(unit, contact, { id: flowId });
  return ofQueue?.kind === "OUTBOUND_WHISPER" ? ofQueue : findHookedProgram(unit, platform, contact, whisper);
}
