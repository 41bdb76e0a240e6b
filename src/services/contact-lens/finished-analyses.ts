/**
 * How an analysis ends. Rules look at it first: they follow the log of analyses, tell categories, and finish each analysis in the unit in
 * which they have evaluated it. Only then is it told as COMPLETED, and its file is written with all its categories.
 */
import type { Unit } from "../../store/store.ts";
import { type ConversationContact, type HeardCall, sumHeardCall } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { type AnalysedContact, findAnalysedContact, keepSegment, putAnalysedContact } from "./analysed-contacts.ts";
import { analysisOf } from "./analyses.ts";
import type { Analysis } from "./analysis.ts";
import { CATEGORIES_MAX, callDetails, chatDetails, type MatchedCategory, toldCategory } from "./categories.ts";
import { redactionOf } from "./outputs.ts";
import { type Copies, tellSegments, tellState } from "./segment-streams.ts";
import { voiceCharacteristics } from "./voice-characteristics.ts";
import { oweAnalysisFiles } from "./write-analysis-files.ts";

type ContactRef = Omit<ConversationContact, "channel">;

/**
 * Tells categories of a contact whose conversation goes on: in one segment, on the stream and where segments are listed. One that was told
 * already is not told again. Once the analysis is finished, or where it is not made in real time, nothing is told.
 */
export async function tellCategories(
  unit: Unit,
  platform: Platform,
  ref: ContactRef,
  categories: readonly MatchedCategory[],
): Promise<void> {
  const contact = await findAnalysedContact(unit, ref);
  if (contact?.status !== "IN_PROGRESS" || !contact.isRealTime) return;
  const added = newCategories(contact, categories);
  if (added.length === 0) return;
  const copies = copiesOf(contact, added);
  const told = keepSegment(unit, withCategories(contact, added), copies, platform.clock.now());
  putAnalysedContact(unit, told);
  await tellSegments(unit, platform, told, [copies]);
}

/**
 * Finishes the analysis of a contact that has ended, with the categories that hold for it as a whole beside those told before. Whoever
 * evaluates rules calls it once for each `ended` entry; where a rule had to wait it may be called again with what has been found since, and the
 * file is written anew. Nothing happens where the analysis has failed, or where there is nothing new.
 */
export async function finishAnalysis(
  unit: Unit,
  platform: Platform,
  ref: ContactRef,
  categories: readonly MatchedCategory[],
): Promise<void> {
  const contact = await findAnalysedContact(unit, ref);
  if (contact?.endedMs === undefined || contact.status === "FAILED") return;
  const added = newCategories(contact, categories);
  if (contact.status === "COMPLETED" && added.length === 0) return;
  if (contact.status === "IN_PROGRESS") {
    await tellState(unit, platform, contact, "COMPLETED");
    if (contact.channel === "VOICE") await sumHeardCall(unit, contact, heardIn(await analysisOf(unit, contact)));
  }
  const finished: AnalysedContact = { ...withCategories(contact, added), status: "COMPLETED" };
  putAnalysedContact(unit, finished);
  await oweAnalysisFiles(unit, platform, finished);
}

/** What metrics of calls are made of, as the analysis file says it. */
function heardIn(analysis: Analysis): HeardCall {
  const { TotalConversationDurationMillis, TalkTime, NonTalkTime, Interruptions } = voiceCharacteristics(analysis);
  const { AGENT, CUSTOMER } = TalkTime.DetailsByParticipant;
  const byAgent = Interruptions.InterruptionsByInterrupter.AGENT ?? [];
  return {
    conversationMs: TotalConversationDurationMillis,
    talkMs: TalkTime.TotalTimeMillis,
    agentTalkMs: AGENT?.TotalTimeMillis ?? 0,
    customerTalkMs: CUSTOMER?.TotalTimeMillis ?? 0,
    nonTalkMs: NonTalkTime.TotalTimeMillis,
    agentInterruptions: byAgent.length,
    agentInterruptionMs: byAgent.reduce((sum, { DurationMillis }) => sum + DurationMillis, 0),
  };
}

/** Those that the contact does not have yet, each once. */
function newCategories(
  { categories }: AnalysedContact,
  matched: readonly MatchedCategory[],
): readonly MatchedCategory[] {
  const names = new Set(categories.map(({ name }) => name));
  const added: MatchedCategory[] = [];
  for (const category of matched) {
    if (names.has(category.name) || names.size >= CATEGORIES_MAX) continue;
    names.add(category.name);
    added.push(category);
  }
  return added;
}

function withCategories(contact: AnalysedContact, added: readonly MatchedCategory[]): AnalysedContact {
  return { ...contact, categories: [...contact.categories, ...added.map(toldCategory)] };
}

function copiesOf(contact: AnalysedContact, categories: readonly MatchedCategory[]): Copies {
  if (contact.channel !== "CHAT") {
    const MatchedCategories = categories.map(({ name }) => name);
    return { raw: { Categories: { MatchedCategories, MatchedDetails: callDetails(categories) } } };
  }
  const told = (MatchedDetails: object) => ({ Categories: { MatchedDetails } });
  return {
    raw: contact.outputs === "Redacted" ? undefined : told(chatDetails(categories)),
    redacted: contact.outputs === "Raw" ? undefined : told(chatDetails(categories, redactionOf(contact))),
  };
}
