/** API Gateway: REST and HTTP APIs, and the calls that come to their stages. */
import type { Service } from "../service.ts";

export const apiGateway: Service = {
  operations: { apigateway: {}, apigatewayv2: {} },
};
