import type { Reader } from "../../../store/store.ts";
import type { Contact } from "../contacts.ts";
import { type FlowRun, readRuns } from "./flow-runs.ts";

/** The flows that a contact has gone through and is in, with their steps, as `docs/contact-control.md` shows them. */
export async function timelineOf(reader: Reader, contact: Contact): Promise<readonly Record<string, unknown>[]> {
  return (await readRuns(reader, contact)).runs.map(shown);
}

function shown(run: FlowRun): Record<string, unknown> {
  const { waiting } = run.progress ?? {};
  return {
    flowId: run.flowId,
    type: run.kind,
    startedAt: iso(run.startMs),
    endedAt: run.endMs === undefined ? null : iso(run.endMs),
    outcome: run.outcome ?? null,
    nextId: run.nextId ?? null,
    waitsFor: waiting?.for ?? null,
    waitsUntil: waiting?.dueMs === undefined ? null : iso(waiting.dueMs),
    steps: run.steps.map(({ atMs, action, type, moduleId, result, branch, isNotRun }) => ({
      at: iso(atMs),
      action,
      type,
      ...(moduleId !== undefined && { moduleId }),
      ...(isNotRun && { notBuilt: true }),
      result: result ?? null,
      branch: branch ?? null,
    })),
  };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
