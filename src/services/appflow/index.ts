/** AppFlow in the small: flows that bring records of other applications into Customer Profiles. Integrations make them, or its own API. */

import type { Service } from "../service.ts";
import { followDays } from "./event-flows.ts";
import { cancelFlowExecutions, describeFlowExecutionRecords } from "./execution-records.ts";
import { RUN_ENDS_LOG } from "./flow-document.ts";
import { describeFlow, listFlows, startFlow, stopFlow } from "./flow-operations.ts";
import { followSchedules } from "./flows.ts";
import * as made from "./made-flows.ts";
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
      CreateFlow: made.createFlowOperation,
      DeleteFlow: made.deleteFlowOperation,
      DescribeFlow: describeFlow,
      DescribeFlowExecutionRecords: describeFlowExecutionRecords,
      ListFlows: listFlows,
      ListTagsForResource: made.listTagsOfFlow,
      StartFlow: startFlow,
      StopFlow: stopFlow,
      TagResource: made.tagFlow,
      UntagResource: made.untagFlow,
      UpdateFlow: made.updateFlow,
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
