/** The analysis file of a contact, raw, redacted or both, in the bucket of the instance's recordings or chat transcripts. */
import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader, Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { conversationFiles, dayFolder, oweFile, writeFilesBy } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { type AnalysedContact, findAnalysedContact } from "./analysed-contacts.ts";
import { analysisOf } from "./analyses.ts";
import { analysisFile } from "./analysis-file.ts";
import { matchedCategory } from "./categories.ts";
import { redactionOf } from "./outputs.ts";

type Output = "Raw" | "Redacted";

interface Order {
  readonly contactId: string;
  readonly output: Output;
  readonly inputS3Uri?: string | undefined;
}

/** Owes the files of an analysis that is finished, with the categories that it has now. */
export async function oweAnalysisFiles(unit: Unit, platform: Platform, contact: AnalysedContact): Promise<void> {
  const files = await conversationFiles(unit, contact);
  if (!files) return;
  const { account, region, instanceId, id } = contact;
  for (const output of outputsOf(contact)) {
    await oweFile<Order>(
      unit,
      platform,
      { account, region, instanceId },
      {
        kind: "contact-analysis",
        id: derivedUuid(instanceId, id, "analysis", output, String(contact.categories.length)),
        bucket: files.bucket,
        key: `${files.prefix}${keyOf(contact, output)}`,
        order: { contactId: id, output, inputS3Uri: files.inputS3Uri },
      },
    );
  }
}

function outputsOf({ outputs }: AnalysedContact): readonly Output[] {
  return outputs === "RedactedAndRaw" ? ["Raw", "Redacted"] : [outputs];
}

/** The keys of an analysis's files, behind the folder's prefix. None before it is over. */
export function analysisFileKeys(contact: AnalysedContact): readonly string[] {
  return contact.endedMs === undefined ? [] : outputsOf(contact).map((output) => keyOf(contact, output));
}

/** Writes what is owed, as the analysis is by then. */
export function writeAnalysisFiles(platform: Platform): void {
  writeFilesBy<Order>(platform, "contact-analysis", async (instance, { contactId, output, inputS3Uri }) => {
    const ref = { ...instance, id: contactId };
    const contact = await findAnalysedContact(platform.store, ref);
    if (!contact) return undefined;
    return {
      text: await fileOf(platform.store, contact, output, inputS3Uri),
      async alongside(unit) {
        const now = await findAnalysedContact(unit, ref);
        // A file with fewer categories must not take the place of one with all of them.
        if (now?.categories.length === contact.categories.length) return;
        throw new ModeledError("OperationAborted", "Rules have found more of the contact meanwhile");
      },
    };
  });
}

async function fileOf(
  reader: Reader,
  contact: AnalysedContact,
  output: Output,
  inputS3Uri: string | undefined,
): Promise<string> {
  const analysis = await analysisOf(reader, contact);
  const turns = new Map(analysis.turns.map((turn) => [turn.turn.id, turn]));
  const header = {
    accountId: contact.account,
    instanceId: contact.instanceId,
    contactId: contact.id,
    inputS3Uri,
    categories: contact.categories.map((category) => matchedCategory(category, turns)),
    redaction: contact.outputs !== "Raw" ? redactionOf(contact) : undefined,
    hidesSentiment: contact.analytics.SentimentConfiguration.Behavior === "Disable",
  };
  return JSON.stringify(analysisFile(analysis, header, output === "Redacted" ? redactionOf(contact) : undefined));
}

/** `Analysis/Voice/Redacted/2026/03/03/CONTACT_analysis_redacted_2026-03-03T09:02:16Z.json`: analysis begins when the conversation has ended. */
function keyOf({ channel, id, endedMs = 0 }: AnalysedContact, output: Output): string {
  const folder = `Analysis/${channel === "CHAT" ? "Chat" : "Voice"}${output === "Redacted" ? "/Redacted" : ""}`;
  const name = `${id}_analysis${output === "Redacted" ? "_redacted" : ""}`;
  return `${folder}/${dayFolder(endedMs)}/${name}_${new Date(endedMs).toISOString().slice(0, 19)}Z.json`;
}
