/** API Gateway: REST and HTTP APIs, and the calls that come to their stages. */
import type { Service } from "../service.ts";
import { apiGatewayLimits } from "./quotas.ts";
import { restOperations } from "./rest/operations.ts";

export const apiGateway: Service = {
  limits: apiGatewayLimits,
  operations: { apigateway: restOperations, apigatewayv2: {} },
};
