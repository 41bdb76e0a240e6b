import type { Platform } from "../service.ts";
import type { InstanceRef } from "./arns.ts";
import { chatTranscriptFile, type TranscriptOrder } from "./chat-transcript-files.ts";
import { changeTimeMs, storeContact } from "./contact-transitions.ts";
import { contactKey, contacts } from "./contacts.ts";
import { writeFilesBy } from "./owed-files.ts";

/** Writes the transcripts that contacts owe. The contact tells where its own lies, in the commit in which it is there. */
export function writeChatTranscripts(platform: Platform): void {
  writeFilesBy<TranscriptOrder>(platform, "chat-transcript", async (ref: InstanceRef, { contactId }, location) => {
    const key = contactKey({ ...ref, id: contactId });
    const contact = await platform.store.get(contacts, key);
    const text = contact && (await chatTranscriptFile(platform.store, contact));
    if (text === undefined) return undefined;
    return {
      text,
      async alongside(unit) {
        const now = await unit.get(contacts, key);
        // Written again after a crash, it is told already.
        if (!now || now.transcriptLocation === location) return;
        const lastUpdateMs = changeTimeMs(platform, now);
        await storeContact(unit, platform, { ...now, transcriptLocation: location, lastUpdateMs }, []);
      },
    };
  });
}
