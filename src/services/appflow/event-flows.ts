/** Flows that take changes of Salesforce as they happen: a webhook hands them on, and there is no source to read. */

import type { SinkRequest } from "../../flow/index.ts";
import type { JsonObject } from "../../matching/machine.ts";
import type { Unit } from "../../store/store.ts";
import { isJsonObject } from "../json-text.ts";
import type { Platform } from "../service.ts";
import {
  eventSourcePrefix,
  type Flow,
  type FlowRef,
  type FlowRun,
  findFlow,
  findRun,
  flowKey,
  flowRuns,
  flows,
  type RunCounts,
  runKey,
} from "./flow-document.ts";
import { APPFLOW_PRINCIPAL, newRun, tellEnd } from "./flow-runs.ts";
import { isOff } from "./flows.ts";
import { setMember } from "./record-field.ts";
import { compileTasks } from "./record-tasks.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A timer of this kind ends the run that counts a day's events. */
const DAY_TIMER = "appflow.end-day";

/** Flows that one kind of change starts. */
const FLOWS_MAX = 1000;

/** Changes of one object of an application, each as the application tells it. */
export interface OfferedEvents extends Pick<FlowRef, "account" | "region"> {
  /** `Contact`. */
  readonly entityName: string;
  /** Change events: `ChangeEventHeader`, and fields. https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_message_structure.htm */
  readonly events: readonly JsonObject[];
}

/** Hands changes to the flows that they start, in the unit that takes them in. Answers how many flows those are. */
export async function offerToFlows(unit: Unit, platform: Platform, offered: OfferedEvents): Promise<number> {
  const records = offered.events.flatMap(recordsOf);
  let taking = 0;
  for (const name of [offered.entityName, `${offered.entityName}ChangeEvent`]) {
    const prefix = eventSourcePrefix(offered, "Salesforce", name);
    const { documents } = await unit.list(flows, { index: "eventSource", prefix, limit: FLOWS_MAX });
    for (const flow of documents.filter((flow) => !isOff(flow))) {
      await take(unit, platform, flow, records);
      taking++;
    }
  }
  return taking;
}

interface DayEnd extends FlowRef {
  readonly runId: string;
}

export function followDays(platform: Platform): void {
  platform.flow.onTimer(DAY_TIMER, async (unit, { payload }) => {
    const { runId, ...ref } = payload as DayEnd;
    const flow = await findFlow(unit, ref);
    const run = flow?.eventRunId === runId ? await findRun(unit, ref, runId) : undefined;
    if (!flow || !run) return;
    tellEnd(unit, platform, run, { status: "Successful" });
    const { eventRunId: _, ...rest } = flow;
    unit.put(flows, flowKey(flow), rest);
  });
}

async function take(unit: Unit, platform: Platform, flow: Flow, records: readonly ChangedRecord[]): Promise<void> {
  const { tasks, source } = flow.plan;
  const { EnableDynamicFieldUpdate: isDynamic, IncludeDeletedRecords: withDeleted } = source.properties;
  const apply = compileTasks(tasks, { isDynamic });
  const outcomes = records.map(({ isDeleted, fields }) => (isDeleted && !withDeleted ? undefined : apply(fields)));
  const bodies = outcomes.flatMap((outcome) => (outcome?.kind === "record" ? JSON.stringify(outcome.record) : []));
  const failed = await send(unit, platform, flow, bodies);
  const filtered = outcomes.filter((outcome) => outcome === undefined || outcome.kind === "filtered").length;
  const run = (await openRun(unit, flow)) ?? beginDay(unit, platform, flow);
  const { counts } = run;
  const sum: RunCounts = {
    read: counts.read + records.length,
    filtered: counts.filtered + filtered,
    dropped: counts.dropped + records.length - filtered - bodies.length,
    failed: counts.failed + failed,
    ingested: counts.ingested + bodies.length - failed,
    bytesRead: counts.bytesRead + records.reduce((bytes, record) => bytes + record.bytes, 0),
    bytesWritten: counts.bytesWritten + bodies.reduce((bytes, body) => bytes + Buffer.byteLength(body), 0),
  };
  unit.put(flowRuns, runKey(run), { ...run, counts: sum, moves: run.moves + 1, updatedMs: platform.clock.now() });
}

/** Answers how many the destination has rejected. */
async function send(
  unit: Unit,
  { flow: moves, ids }: Platform,
  flow: Flow,
  bodies: readonly string[],
): Promise<number> {
  const { account, destinationArn } = flow;
  const requests = bodies.map(
    (body): SinkRequest => ({
      deliveryId: ids.uuid(),
      account,
      principal: APPFLOW_PRINCIPAL,
      sourceArn: destinationArn,
      body,
    }),
  );
  if (requests.length === 0) return 0;
  const outcomes = (await moves.findSink(destinationArn)?.append?.(unit, destinationArn, requests)) ?? [];
  return outcomes.filter((outcome) => outcome !== undefined).length;
}

async function openRun(unit: Unit, flow: Flow): Promise<FlowRun | undefined> {
  const run = flow.eventRunId === undefined ? undefined : await findRun(unit, flow, flow.eventRunId);
  return run?.status === "InProgress" ? run : undefined;
}

/** The run that counts what comes until the day (UTC) is over. */
function beginDay(unit: Unit, platform: Platform, flow: Flow): FlowRun {
  const run = newRun(platform, flow, { cause: "event" });
  unit.put(flows, flowKey(flow), { ...flow, runCount: run.number, eventRunId: run.id });
  const { account, region, name } = flow;
  const payload: DayEnd = { account, region, name, runId: run.id };
  const dueMs = (Math.floor(run.startedMs / DAY_MS) + 1) * DAY_MS;
  platform.flow.schedule(unit, { id: `${DAY_TIMER} ${run.id}`, kind: DAY_TIMER, dueMs, payload });
  return run;
}

interface ChangedRecord {
  readonly isDeleted: boolean;
  readonly fields: JsonObject;
  readonly bytes: number;
}

/** A record for each id that a change is of, as a query has it. Gaps, which tell that something has changed and not what, are none. */
function recordsOf(event: JsonObject): readonly ChangedRecord[] {
  const { ChangeEventHeader: header } = event;
  if (!isJsonObject(header) || !Array.isArray(header.recordIds)) return [];
  const { changeType, recordIds } = header;
  if (String(changeType).startsWith("GAP_")) return [];
  const isDeleted = changeType === "DELETE";
  const bytes = Buffer.byteLength(JSON.stringify(event));
  const fields = flattened(event);
  return recordIds.map((id) => ({
    isDeleted,
    bytes,
    fields: { Id: id, ...fields, ...(isDeleted && { IsDeleted: true }) },
  }));
}

/** Compound fields, which a query has part by part: those of `Name` by themselves, those of others behind the field's own name. */
function flattened(event: JsonObject): JsonObject {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event)) {
    if (!isJsonObject(value) || name === "ChangeEventHeader") setMember(fields, name, value);
    else if (name === "Name") {
      for (const [part, text] of Object.entries(value)) setMember(fields, part, text);
      const { FirstName, LastName } = value;
      setMember(fields, name, [FirstName, LastName].filter((part) => typeof part === "string").join(" "));
    } else {
      setMember(fields, name, value);
      const beginning = name.replace(/Address$/, "");
      for (const [part, text] of Object.entries(value)) setMember(fields, beginning + part, text);
    }
  }
  return fields;
}
