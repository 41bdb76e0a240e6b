/** Lambda: functions that run in processes of their own, and what invokes them. */
import type { Service } from "../service.ts";
import { mappingOperations, startEventSources, stopEventSources } from "./event-sources/index.ts";

export { type Invocation, type InvocationResult, invokeFunction } from "./invoke-function.ts";

export const lambda: Service = {
  operations: { lambda: { ...mappingOperations } },
  async start(platform) {
    startEventSources(platform);
  },
  stop(platform) {
    stopEventSources(platform);
  },
};
