import { flowSays, speakingMs } from "../contact-speech.ts";
import type { JsonObject } from "../flow-language/flow.ts";
import { type ActionCode, FAILS, NEXT, numberParameter, type Result, type Step } from "./step.ts";

/** How long a recorded prompt or an audio file plays: there is no audio that could tell (our choice). */
const PROMPT_MS = 2_000;

/** Says something to the participant. On a call that takes its time; a chat shows it at once; tasks and e-mails have nobody to listen. */
export const MessageParticipant: ActionCode = {
  begin: async (step) => {
    const { channel } = step.contact;
    if (channel === "CHAT" && step.parameters.Text === undefined) return FAILS;
    if (channel !== "VOICE" && channel !== "CHAT") return NEXT;
    const playingMs = await say(step, step.parameters);
    return channel === "CHAT" || playingMs === 0 ? NEXT : { waits: { for: "time", dueMs: step.nowMs + playingMs } };
  },
  goOn: () => NEXT,
};

/**
 * Says a list over and over until it is interrupted: after a time, where one is named, or when the contact goes on without this flow.
 * What is repeated is told once.
 */
export const MessageParticipantIteratively: ActionCode = {
  begin: async (step) => {
    const { Messages: messages } = step.parameters;
    if (step.contact.channel === "VOICE" && Array.isArray(messages)) {
      for (const message of messages) await say(step, message as JsonObject);
    }
    const seconds = numberParameter(step, "InterruptFrequencySeconds");
    return { waits: { for: "time", ...(seconds !== undefined && { dueMs: step.nowMs + seconds * 1_000 }) } };
  },
  goOn: () => ({ result: "MessagesInterrupted" }),
};

/** Says one of the forms that a message may have, and answers how long that takes. */
export async function say({ unit, platform, contact }: Step, message: JsonObject): Promise<number> {
  const { Text, SSML, PromptId, Media } = message;
  const text = typeof Text === "string" ? Text : SSML;
  if (typeof text !== "string") return PromptId === undefined && Media === undefined ? 0 : PROMPT_MS;
  if (text.trim() === "") return 0;
  await flowSays(unit, platform, contact, text);
  return speakingMs(text);
}

/** Actions of which only the audio would tell: they succeed. */
export const UpdateContactTextToSpeechVoice: ActionCode = {
  begin: (step): Result => {
    const { TextToSpeechVoice: voice } = step.parameters;
    if (typeof voice !== "string" || voice === "") return FAILS;
    step.changeContact({ textToSpeechVoice: voice });
    return NEXT;
  },
};
