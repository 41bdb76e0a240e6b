/** AppFlow in the small: flows that bring records of other applications into Customer Profiles. They are made by integrations. */

import type { Service } from "../service.ts";
import { followDays } from "./event-flows.ts";
import { cancelFlowExecutions, describeFlowExecutionRecords } from "./execution-records.ts";
import { RUN_ENDS_LOG } from "./flow-document.ts";
import { describeFlow, listFlows, startFlow, stopFlow } from "./flow-operations.ts";
import { followSchedules } from "./flows.ts";
import { mapOfFlows } from "./map.ts";
import { followObjects } from "./object-flows.ts";
import { createFlowSink, followWaits } from "./read-flow.ts";
import { closeWarm } from "./s3/warm-readers.ts";

export type { SourceWindow } from "./connector.ts";
export type { ConnectorProfile } from "./connector-profile.ts";
export { offerToFlows } from "./event-flows.ts";
export { planFlow } from "./flow-definition.ts";
export {
  type EndedRun,
  type Flow,
  type FlowRef,
  findFlow,
  findRun,
  flowArn,
  parseFlowArn,
  RUN_ENDS_LOG,
} from "./flow-document.ts";
export { FlowDefinitionError, type FlowPlan } from "./flow-plan.ts";
export { APPFLOW_PRINCIPAL } from "./flow-runs.ts";
export {
  type FlowStatus,
  listFlowStatuses,
  type RunStatus,
  requireFlow,
  showFlow,
  showRun,
} from "./flow-status.ts";
export { createFlow, deleteFlow, runFlow } from "./flows.ts";

export const appFlow: Service = {
  map: mapOfFlows,
  operations: {
    appflow: {
      CancelFlowExecutions: cancelFlowExecutions,
      DescribeFlow: describeFlow,
      DescribeFlowExecutionRecords: describeFlowExecutionRecords,
      ListFlows: listFlows,
      StartFlow: startFlow,
      StopFlow: stopFlow,
    },
  },
  async start(platform) {
    const { flow, store } = platform;
    await store.commit(async (unit) => unit.declareLog(RUN_ENDS_LOG));
    flow.sink("appflow", "flow/", createFlowSink(platform));
    followWaits(platform);
    followSchedules(platform);
    followObjects(platform);
    followDays(platform);
  },
  stop: closeWarm,
};
