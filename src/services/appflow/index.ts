/** AppFlow in the small: flows that bring records of other applications into Customer Profiles. They are made by integrations. */
import type { Service } from "../service.ts";
import { type FlowRun, flowRuns, RUN_ENDS_LOG, runKey } from "./flow-document.ts";
import { sendStep } from "./flow-runs.ts";
import { followSchedules } from "./flows.ts";
import { createFlowSink, READ_ON_TIMER } from "./read-flow.ts";
import { closeWarm } from "./s3/warm-readers.ts";

export type { SourceWindow } from "./connector.ts";
export type { ConnectorProfile } from "./connector-profile.ts";
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
export { type ConnectorType, FlowDefinitionError, type FlowPlan } from "./flow-plan.ts";
export { APPFLOW_PRINCIPAL } from "./flow-runs.ts";
export { createFlow, deleteFlow, runFlow } from "./flows.ts";

export const appFlow: Service = {
  operations: { appflow: {} },
  async start(platform) {
    const { flow, store } = platform;
    await store.commit(async (unit) => unit.declareLog(RUN_ENDS_LOG));
    flow.sink("appflow", "flow/", createFlowSink(platform));
    flow.onTimer(READ_ON_TIMER, async (unit, { payload }) => {
      const run = await unit.get(flowRuns, runKey(payload as Pick<FlowRun, "account" | "region" | "flowName" | "id">));
      if (run?.status === "InProgress") await sendStep(unit, platform, run);
    });
    followSchedules(platform);
  },
  stop: closeWarm,
};
