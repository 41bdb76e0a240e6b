import type {
  CancelFlowExecutionsRequest,
  CancelFlowExecutionsResponse,
  DescribeFlowExecutionRecordsRequest,
  DescribeFlowExecutionRecordsResponse,
  ExecutionRecord,
} from "@aws-sdk/client-appflow";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader } from "../../store/store.ts";
import { cutPage, pageStart } from "../list-page.ts";
import { optionalDate } from "../optional-date.ts";
import type { Context } from "../service.ts";
import { invalidNextToken } from "./errors.ts";
import { type Flow, type FlowRun, findRun, flowRuns } from "./flow-document.ts";
import { getFlow } from "./flow-operations.ts";
import { cancelRun, openRuns } from "./flows.ts";

const LISTED_DEFAULT = 20;

/** Runs of a flow, the newest first. */
export async function describeFlowExecutionRecords(
  input: Validated<DescribeFlowExecutionRecordsRequest>,
  context: Context,
): Promise<DescribeFlowExecutionRecordsResponse> {
  const { account, region, store } = context;
  const flow = await getFlow(store, context, input.flowName);
  const request = {
    of: ["DescribeFlowExecutionRecords", account, region, flow.uid],
    token: input.nextToken,
    limit: input.maxResults ?? LISTED_DEFAULT,
    refuse: invalidNextToken,
  };
  const runs = await runsBefore(store, flow, pageStart(request), request.limit + 1);
  const { items, nextToken } = cutPage(runs, placeOf, request);
  return { flowExecutions: items.map(recordOf), nextToken };
}

/** The newest runs of a flow that began before one, or at all. */
export async function runsBefore(
  reader: Reader,
  { uid }: Flow,
  place: string | undefined,
  limit: number,
): Promise<readonly FlowRun[]> {
  const range = { index: "started", prefix: compositeKey(uid, ""), descending: true, limit };
  const before = place === undefined ? {} : { before: compositeKey(uid, "") + place };
  return (await reader.list(flowRuns, { ...range, ...before })).documents;
}

/** Behind its flow's, what the runs are in the order of. */
function placeOf({ number }: FlowRun): string {
  return compositeKey(number);
}

function recordOf(run: FlowRun): ExecutionRecord {
  const { id, status, counts, message, window, startedMs, updatedMs } = run;
  const isFaulty = counts.failed > 0 || message !== undefined;
  return {
    executionId: id,
    executionStatus: status,
    executionResult: {
      ...(isFaulty && { errorInfo: { putFailuresCount: counts.failed, executionMessage: message } }),
      bytesProcessed: counts.bytesRead,
      bytesWritten: counts.bytesWritten,
      recordsProcessed: counts.read,
    },
    startedAt: new Date(startedMs),
    lastUpdatedAt: new Date(updatedMs),
    dataPullStartTime: optionalDate(window?.fromMs),
    dataPullEndTime: optionalDate(window?.toMs),
  };
}

/** Ends runs of a flow, or all that are in progress; what they have brought stays. Answers which of them were not in progress. */
export async function cancelFlowExecutions(
  input: Validated<CancelFlowExecutionsRequest>,
  context: Context,
): Promise<CancelFlowExecutionsResponse> {
  return context.store.commit(async (unit) => {
    const flow = await getFlow(unit, context, input.flowName);
    const invalidExecutions: string[] = [];
    const runs: FlowRun[] = [];
    for (const id of new Set(input.executionIds)) {
      const run = await findRun(unit, flow, id);
      if (run?.status === "InProgress" && run.flowUid === flow.uid) runs.push(run);
      else invalidExecutions.push(id);
    }
    // Those that wait first, so that none of them begins as another ends.
    const cancelled = input.executionIds === undefined ? await openRuns(unit, flow) : runs;
    for (const run of cancelled.toSorted(
      (one, other) => Number(one.isWaiting !== true) - Number(other.isWaiting !== true),
    ))
      await cancelRun(unit, context, run);
    return invalidExecutions.length > 0 ? { invalidExecutions } : {};
  });
}
