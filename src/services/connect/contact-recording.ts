/**
 * The recording of a call, as far as it is known without audio: whether it runs. Each kind goes its way once:
 *
 *     (none) ─► STARTED ◄─► SUSPENDED
 *                  └──────────┴──► STOPPED, for good
 *
 * A flow that has asked for a recording has started it; one whose recording block asked for none has allowed it to be started.
 */
import type {
  ContactRecordingType,
  ResumeContactRecordingRequest,
  StartContactRecordingRequest,
  StopContactRecordingRequest,
  SuspendContactRecordingRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { changeTimeMs, storeContact } from "./contact-transitions.ts";
import { type Contact, getContact, type RecordingSilence, type RecordingState } from "./contacts.ts";
import { invalidRequest, notFound } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** "A one-time action": what was stopped cannot be started again. */
export async function startContactRecording(
  input: Validated<StartContactRecordingRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { VoiceRecordingTrack, IvrRecordingTrack } = input.VoiceRecordingConfiguration;
  const kinds: ContactRecordingType[] = [];
  if (VoiceRecordingTrack !== undefined || IvrRecordingTrack === undefined) kinds.push("AGENT");
  if (IvrRecordingTrack !== undefined) kinds.push("IVR");
  return change(input, context, kinds, { from: [undefined], to: "STARTED" });
}

export async function stopContactRecording(
  input: Validated<StopContactRecordingRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return change(input, context, [kindOf(input)], { from: ["STARTED", "SUSPENDED"], to: "STOPPED" });
}

export async function suspendContactRecording(
  input: Validated<SuspendContactRecordingRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return change(input, context, [kindOf(input)], { from: ["STARTED"], to: "SUSPENDED" });
}

export async function resumeContactRecording(
  input: Validated<ResumeContactRecordingRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return change(input, context, [kindOf(input)], { from: ["SUSPENDED"], to: "STARTED" });
}

interface Change {
  readonly from: readonly (RecordingState | undefined)[];
  readonly to: RecordingState;
}

async function change(
  input: { readonly InstanceId: string; readonly ContactId: string; readonly InitialContactId: string },
  context: Context,
  kinds: readonly ContactRecordingType[],
  { from, to }: Change,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    const root = await getContact(unit, instance, input.InitialContactId, context.clock.now());
    if ((contact.initialContactId ?? contact.id) !== root.id) {
      throw notFound(`Contact ${contact.id} is not of the chain of ${root.id}`);
    }
    if (contact.channel !== "VOICE") throw invalidRequest(`Contact ${contact.id} is no call`);
    if (contact.state === "DISCONNECTED") throw invalidRequest(`Contact ${contact.id} has ended`);
    if (!contact.recording) throw invalidRequest(`The flow of contact ${contact.id} allows no recording`);
    for (const kind of kinds) {
      const state = stateOf(contact, kind);
      if (!from.includes(state)) {
        throw invalidRequest(`The recording ${kind} of contact ${contact.id} is ${state ?? "not started"}`);
      }
    }
    const changed = Object.fromEntries(kinds.map((kind) => [kind, to]));
    const recordingStates = { ...contact.recordingStates, ...changed };
    const lastUpdateMs = changeTimeMs(context, contact);
    const silences = silencesAfter(contact, kinds, to, lastUpdateMs);
    await storeContact(unit, context, { ...contact, recordingStates, silences, lastUpdateMs }, []);
  });
  return {};
}

/** When nothing was recorded, with a recording of these kinds going on or pausing from now on. */
function silencesAfter(
  { silences = [] }: Contact,
  kinds: readonly ContactRecordingType[],
  to: RecordingState,
  atMs: number,
): readonly RecordingSilence[] {
  const isOpen = ({ kind, endMs }: RecordingSilence) => kinds.includes(kind) && endMs === undefined;
  if (to === "STARTED") return silences.map((silence) => (isOpen(silence) ? { ...silence, endMs: atMs } : silence));
  const begun = kinds.filter((kind) => !silences.some((silence) => silence.kind === kind && isOpen(silence)));
  return [...silences, ...begun.map((kind) => ({ kind, startMs: atMs }))];
}

function stateOf({ recording, recordingStates }: Contact, kind: ContactRecordingType): RecordingState | undefined {
  const isAsked = {
    AGENT: (recording?.participants.length ?? 0) > 0,
    IVR: recording?.isAutomatedPartRecorded === true,
    SCREEN: (recording?.screens.length ?? 0) > 0,
  }[kind];
  return recordingStates?.[kind] ?? (isAsked ? "STARTED" : undefined);
}

/** "AGENT" without it (our choice). */
function kindOf(input: { readonly ContactRecordingType?: ContactRecordingType | undefined }): ContactRecordingType {
  return input.ContactRecordingType ?? "AGENT";
}
