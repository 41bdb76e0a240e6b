import type { Connector } from "./connector.ts";
import type { ConnectorType } from "./flow-plan.ts";
import { s3Connector } from "./s3/s3-connector.ts";
import { marketo } from "./sources/marketo.ts";
import { salesforce } from "./sources/salesforce.ts";
import { serviceNow } from "./sources/service-now.ts";
import { zendesk } from "./sources/zendesk.ts";

export const connectors: ReadonlyMap<ConnectorType, Connector> = new Map(
  [s3Connector, marketo, salesforce, serviceNow, zendesk].map((it) => [it.type, it]),
);
