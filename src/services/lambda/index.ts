/** Lambda: functions that run in processes of their own, and what invokes them. */

import { chmod } from "node:fs/promises";
import type { Service } from "../service.ts";
import { getAccountSettings } from "./account-settings.ts";
import { createAlias, deleteAlias, getAlias, listAliases, updateAlias } from "./aliases.ts";
import { AsyncWorkers } from "./async-workers.ts";
import { removeUnnamedZips } from "./code-files.ts";
import { getFunctionCodeSigningConfig } from "./code-signing.ts";
import { deleteFunctionConcurrency, getFunctionConcurrency, putFunctionConcurrency } from "./concurrency.ts";
import {
  deleteFunctionEventInvokeConfig,
  getFunctionEventInvokeConfig,
  listFunctionEventInvokeConfigs,
  putFunctionEventInvokeConfig,
  updateFunctionEventInvokeConfig,
} from "./event-invoke-configs.ts";
import { mappingOperations, startEventSources, stopEventSources } from "./event-sources/index.ts";
import { tagsOf } from "./find-function.ts";
import {
  createFunctionUrlConfig,
  deleteFunctionUrlConfig,
  getFunctionUrlConfig,
  listFunctionUrlConfigs,
  updateFunctionUrlConfig,
} from "./function-urls.ts";
import { createFunction, deleteFunction, getFunction, getFunctionConfiguration, listFunctions } from "./functions.ts";
import { runningFunctions, startRunning } from "./invocations.ts";
import { invoke, invokeAsync } from "./invoke.ts";
import { invokeWithResponseStream } from "./invoke-with-response-stream.ts";
import { addLayerVersionPermission, getLayerVersionPolicy, removeLayerVersionPermission } from "./layer-policy.ts";
import {
  deleteLayerVersion,
  getLayerVersion,
  getLayerVersionByArn,
  listLayers,
  listLayerVersions,
  publishLayerVersion,
} from "./layers.ts";
import { mapOfFunctions } from "./map.ts";
import { addPermission, getPolicy, policyOf, removePermission } from "./policy.ts";
import { lambdaLimits } from "./quotas.ts";
import { getRuntimeManagementConfig, putRuntimeManagementConfig } from "./runtime-management.ts";
import { createLambdaSink } from "./sink.ts";
import { listTags, tagResource, untagResource } from "./tags.ts";
import { updateFunctionCode, updateFunctionConfiguration } from "./update-function.ts";
import { listVersionsByFunction, publishVersion } from "./versions.ts";

export { callFunctionUrl, type FunctionUrl, parseFunctionUrl } from "./call-url.ts";
export { openCode } from "./code-url.ts";
export { listDeadLettering } from "./dead-lettering.ts";
export { listStreamMappings } from "./event-sources/stream-mappings.ts";
export { findRecentInvocations, listFunctionStatuses } from "./function-status.ts";
export { type InvocationResult, invokeFunction } from "./invoke-function.ts";
export { takeEvent } from "./sink.ts";

export const lambda: Service = {
  map: mapOfFunctions,
  operations: {
    lambda: {
      ...mappingOperations,
      AddLayerVersionPermission: addLayerVersionPermission,
      AddPermission: addPermission,
      CreateAlias: createAlias,
      CreateFunction: createFunction,
      CreateFunctionUrlConfig: createFunctionUrlConfig,
      DeleteAlias: deleteAlias,
      DeleteFunction: deleteFunction,
      DeleteFunctionConcurrency: deleteFunctionConcurrency,
      DeleteFunctionEventInvokeConfig: deleteFunctionEventInvokeConfig,
      DeleteFunctionUrlConfig: deleteFunctionUrlConfig,
      DeleteLayerVersion: deleteLayerVersion,
      GetAccountSettings: getAccountSettings,
      GetAlias: getAlias,
      GetFunction: getFunction,
      GetFunctionCodeSigningConfig: getFunctionCodeSigningConfig,
      GetFunctionConcurrency: getFunctionConcurrency,
      GetFunctionConfiguration: getFunctionConfiguration,
      GetFunctionEventInvokeConfig: getFunctionEventInvokeConfig,
      GetFunctionUrlConfig: getFunctionUrlConfig,
      GetLayerVersion: getLayerVersion,
      GetLayerVersionByArn: getLayerVersionByArn,
      GetLayerVersionPolicy: getLayerVersionPolicy,
      GetPolicy: getPolicy,
      GetRuntimeManagementConfig: getRuntimeManagementConfig,
      Invoke: invoke,
      InvokeAsync: invokeAsync,
      InvokeWithResponseStream: invokeWithResponseStream,
      ListAliases: listAliases,
      ListFunctionEventInvokeConfigs: listFunctionEventInvokeConfigs,
      ListFunctionUrlConfigs: listFunctionUrlConfigs,
      ListFunctions: listFunctions,
      ListLayerVersions: listLayerVersions,
      ListLayers: listLayers,
      ListTags: listTags,
      ListVersionsByFunction: listVersionsByFunction,
      PublishLayerVersion: publishLayerVersion,
      PublishVersion: publishVersion,
      PutFunctionConcurrency: putFunctionConcurrency,
      PutFunctionEventInvokeConfig: putFunctionEventInvokeConfig,
      PutRuntimeManagementConfig: putRuntimeManagementConfig,
      RemoveLayerVersionPermission: removeLayerVersionPermission,
      RemovePermission: removePermission,
      TagResource: tagResource,
      UntagResource: untagResource,
      UpdateAlias: updateAlias,
      UpdateFunctionCode: updateFunctionCode,
      UpdateFunctionConfiguration: updateFunctionConfiguration,
      UpdateFunctionEventInvokeConfig: updateFunctionEventInvokeConfig,
      UpdateFunctionUrlConfig: updateFunctionUrlConfig,
    },
  },
  policies: { lambda: policyOf },
  tags: { lambda: tagsOf },
  limits: lambdaLimits,
  async start(platform) {
    // A handler that runs as a user of its own must not look into it.
    if (platform.folder.isKept && process.getuid?.() === 0) await chmod(platform.folder.path(), 0o700);
    await removeUnnamedZips(platform);
    const running = startRunning(platform);
    const events = new AsyncWorkers(platform);
    running.events = events;
    platform.flow.sink("lambda", "function:", createLambdaSink(platform));
    await events.start();
    startEventSources(platform);
  },
  async stop(platform) {
    stopEventSources(platform);
    const { sandboxes, logs, events } = runningFunctions(platform);
    events?.stop();
    await sandboxes.close();
    await logs.flush();
  },
};
