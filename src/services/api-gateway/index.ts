/** API Gateway: REST and HTTP APIs, and the calls that come to their stages. */

import type { Service } from "../service.ts";
import { httpOperations } from "./http/operations.ts";
import { createApiSink } from "./invoke/api-sink.ts";
import { describeCalls } from "./invoke/call-api.ts";
import { testInvokeAuthorizer, testInvokeMethod } from "./invoke/test-invoke.ts";
import { mapOfApis } from "./map.ts";
import { apiGatewayLimits } from "./quotas.ts";
import { restOperations } from "./rest/operations.ts";

export { callApi, type InvokeUrl, parseInvokeUrl } from "./invoke/call-api.ts";
export { listStages, type StageStatus } from "./list-stages.ts";

export const apiGateway: Service = {
  map: mapOfApis,
  limits: apiGatewayLimits,
  operations: {
    apigateway: {
      ...restOperations,
      TestInvokeAuthorizer: testInvokeAuthorizer,
      TestInvokeMethod: testInvokeMethod,
    },
    apigatewayv2: httpOperations,
  },
  async start(platform) {
    describeCalls(platform);
    platform.flow.sink("execute-api", "", createApiSink(platform));
  },
};
