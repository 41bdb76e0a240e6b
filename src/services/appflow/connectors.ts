import type { Connector } from "./connector.ts";
import type { ConnectorType } from "./flow-plan.ts";
import { salesforce } from "./sources/salesforce.ts";

export const connectors: ReadonlyMap<ConnectorType, Connector> = new Map([salesforce].map((it) => [it.type, it]));
