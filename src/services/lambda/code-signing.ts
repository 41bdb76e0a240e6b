import type { GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getFunctionOf, parseOwnName } from "./find-function.ts";

/**
 * No function has a configuration for signed code here, and the real service answers so too where there is none: Terraform asks for each
 * function that it reads.
 */
export async function getFunctionCodeSigningConfig(
  input: Validated<GetFunctionCodeSigningConfigRequest>,
  context: Context,
): Promise<Partial<GetFunctionCodeSigningConfigResponse>> {
  const named = parseOwnName(input.FunctionName, context, "GetFunctionCodeSigningConfig");
  return { FunctionName: (await getFunctionOf(context.store, named)).name };
}
