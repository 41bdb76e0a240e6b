import type { ExportResponse, GetExportRequest } from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { findDeployedRestApi } from "../deployed-api.ts";
import { badRequest, notFound } from "../errors.ts";
import { getApi } from "../rest/rest-api.ts";
import { getStageOf } from "../rest/stages.ts";
import { exportDefinition } from "./export-definition.ts";
import { yaml } from "./yaml.ts";

/** What a stage calls, as an OpenAPI document. */
export async function getExport(input: Validated<GetExportRequest>, context: Context): Promise<ExportResponse> {
  const { restApiId, stageName, exportType, parameters = {}, accepts = "application/json" } = input;
  if (exportType !== "oas30" && exportType !== "swagger") {
    throw badRequest(`Invalid export type specified: ${exportType}. Valid options are oas30,swagger`);
  }
  const isYaml = /^application\/(?:x-)?yaml$/.test(accepts);
  if (!isYaml && !/^(?:application\/json|\*\/\*)$/.test(accepts)) {
    throw badRequest(`Invalid accept header specified: ${accepts}`);
  }
  const { createdMs } = await getApi(context.store, context, restApiId);
  const { stage } = await getStageOf(context.store, context, { restApiId, stageName });
  const deployed = await findDeployedRestApi(context.store, restApiId, stage.deploymentId);
  if (deployed === undefined) throw notFound("Invalid Deployment identifier specified");
  const extensions = (parameters.extensions ?? "").split(",").map((one) => one.trim());
  const date = new Date(createdMs).toISOString();
  const document = exportDefinition(deployed, {
    format: exportType,
    integrations: extensions.includes("integrations"),
    authorizers: extensions.includes("authorizers"),
    apigateway: extensions.includes("apigateway"),
    region: context.region,
    stageName,
    date,
  });
  const ending = isYaml ? "yaml" : "json";
  const name = (deployed.api.version ?? date).replace(/[^\w.:-]/g, "_");
  return {
    contentType: "application/octet-stream",
    contentDisposition: `attachment; filename="${exportType}_${name}.${ending}"`,
    body: Buffer.from(isYaml ? yaml().stringify(document) : JSON.stringify(document, null, 2)),
  };
}
