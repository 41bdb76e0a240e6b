/** Lambda: functions that run in processes of their own, and what invokes them. */
import type { Service } from "../service.ts";

export { type Invocation, type InvocationResult, invokeFunction } from "./invoke-function.ts";

export const lambda: Service = {
  operations: { lambda: {} },
};
