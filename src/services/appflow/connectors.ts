import type { Connector } from "./connector.ts";
import type { ConnectorType } from "./flow-plan.ts";

export const connectors: ReadonlyMap<ConnectorType, Connector> = new Map();
