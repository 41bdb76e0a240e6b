/** The operations of HTTP APIs, by name: the model `apigatewayv2`. */
import type { Handler } from "../../service.ts";
import { getHttpTags, tagHttpResource, untagHttpResource } from "../tags.ts";
import { createApi, deleteApi, deleteCorsConfiguration, getApi, getApis, updateApi } from "./apis.ts";
import { createAuthorizer, deleteAuthorizer, getAuthorizer, getAuthorizers, updateAuthorizer } from "./authorizers.ts";
import { createDeployment, deleteDeployment, getDeployment, getDeployments, updateDeployment } from "./deployments.ts";
import {
  createIntegration,
  deleteIntegration,
  getIntegration,
  getIntegrations,
  updateIntegration,
} from "./integrations.ts";
import { checkingLengths } from "./lengths.ts";
import { createRoute, deleteRoute, getRoute, getRoutes, updateRoute } from "./routes.ts";
import {
  createStage,
  deleteAccessLogSettings,
  deleteRouteSettings,
  deleteStage,
  getStage,
  getStages,
  resetAuthorizersCache,
  updateStage,
} from "./stages.ts";

const handlers: Readonly<Record<string, Handler>> = {
  CreateApi: createApi,
  CreateAuthorizer: createAuthorizer,
  CreateDeployment: createDeployment,
  CreateIntegration: createIntegration,
  CreateRoute: createRoute,
  CreateStage: createStage,
  DeleteAccessLogSettings: deleteAccessLogSettings,
  DeleteApi: deleteApi,
  DeleteAuthorizer: deleteAuthorizer,
  DeleteCorsConfiguration: deleteCorsConfiguration,
  DeleteDeployment: deleteDeployment,
  DeleteIntegration: deleteIntegration,
  DeleteRoute: deleteRoute,
  DeleteRouteSettings: deleteRouteSettings,
  DeleteStage: deleteStage,
  GetApi: getApi,
  GetApis: getApis,
  GetAuthorizer: getAuthorizer,
  GetAuthorizers: getAuthorizers,
  GetDeployment: getDeployment,
  GetDeployments: getDeployments,
  GetIntegration: getIntegration,
  GetIntegrations: getIntegrations,
  GetRoute: getRoute,
  GetRoutes: getRoutes,
  GetStage: getStage,
  GetStages: getStages,
  GetTags: getHttpTags,
  ResetAuthorizersCache: resetAuthorizersCache,
  TagResource: tagHttpResource,
  UntagResource: untagHttpResource,
  UpdateApi: updateApi,
  UpdateAuthorizer: updateAuthorizer,
  UpdateDeployment: updateDeployment,
  UpdateIntegration: updateIntegration,
  UpdateRoute: updateRoute,
  UpdateStage: updateStage,
};

export const httpOperations: Readonly<Record<string, Handler>> = Object.fromEntries(
  Object.entries(handlers).map(([operation, handler]) => [operation, checkingLengths(operation, handler)]),
);
