/** When a function gets newer runtimes. Stored: all functions here run on what Trunkline itself runs on. */
import type {
  GetRuntimeManagementConfigRequest,
  GetRuntimeManagementConfigResponse,
  PutRuntimeManagementConfigRequest,
  PutRuntimeManagementConfigResponse,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { runtimeArn } from "./described-function.ts";
import { invalid } from "./errors.ts";
import { getVersionOf, parseOwnName } from "./find-function.ts";
import { type FunctionVersion, functionArn, versionKey, versions } from "./function.ts";

export async function putRuntimeManagementConfig(
  input: Validated<PutRuntimeManagementConfigRequest>,
  context: Context,
): Promise<PutRuntimeManagementConfigResponse> {
  const named = parseOwnName(input.FunctionName, context, "PutRuntimeManagementConfig", input.Qualifier);
  const { UpdateRuntimeOn: on, RuntimeVersionArn: arn } = input;
  if ((on === "Manual") !== (arn !== undefined)) {
    throw invalid(
      on === "Manual"
        ? "RuntimeVersionArn is required when UpdateRuntimeOn is Manual."
        : "RuntimeVersionArn is only for UpdateRuntimeOn Manual.",
    );
  }
  const changed = await context.store.commit(async (unit) => {
    const version = await getVersionOf(unit, named);
    const next = { ...version, runtimeUpdates: { on, ...(arn !== undefined && { arn }) } };
    unit.put(versions, versionKey(version, version.version), next);
    return next;
  });
  const FunctionArn = functionArn(changed, named.qualifier);
  return { ...describedUpdates(changed, named.qualifier), UpdateRuntimeOn: on, FunctionArn };
}

export async function getRuntimeManagementConfig(
  input: Validated<GetRuntimeManagementConfigRequest>,
  context: Context,
): Promise<GetRuntimeManagementConfigResponse> {
  const named = parseOwnName(input.FunctionName, context, "GetRuntimeManagementConfig", input.Qualifier);
  return describedUpdates(await getVersionOf(context.store, named), named.qualifier);
}

function describedUpdates(version: FunctionVersion, qualifier: string | undefined): GetRuntimeManagementConfigResponse {
  const { on = "Auto", arn } = version.runtimeUpdates ?? {};
  return {
    UpdateRuntimeOn: on as NonNullable<GetRuntimeManagementConfigResponse["UpdateRuntimeOn"]>,
    FunctionArn: functionArn(version, qualifier),
    ...(on !== "Auto" && { RuntimeVersionArn: arn ?? runtimeArn(version) }),
  };
}
