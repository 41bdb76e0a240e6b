import { loadModel } from "../../models/catalog.ts";
import { structureNamed } from "../../models/shapes.ts";
import type { ActionTable, Asking, Exception, Input, Need } from "./action-table.ts";

/**
 * API Gateway's permissions are HTTP methods on the paths of its API: `apigateway:POST` on `arn:aws:apigateway:us-east-1::/restapis`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
 */
export function apiGatewayActions(modelName: "apigateway" | "apigatewayv2"): ActionTable {
  const model = loadModel(modelName);
  const operations = Object.entries(model.operations).map(([name, { method, uri, input }]): [string, Exception] => {
    const [path = uri] = uri.split("?");
    const members = input === undefined ? [] : Object.entries(structureNamed(model, input).members);
    const memberOf = new Map(members.map(([member, { locationName = member }]) => [locationName, member]));
    const template = path.replace(/^\/v2(?=\/)/, "");
    const needs = (given: Input, { region }: Asking): readonly Need[] => {
      const filled = template.replaceAll(/\{([^}+]+)\+?\}/g, (_whole, label: string) =>
        encodeURIComponent(String(given[memberOf.get(label) ?? label] ?? "*")),
      );
      return [{ action: `apigateway:${method}`, resourceArn: `arn:aws:apigateway:${region}::${filled}` }];
    };
    return [name, { needs }];
  });
  return {
    prefix: "apigateway",
    arn: "",
    operations: Object.fromEntries(operations),
    passes: {
      service: "apigateway.amazonaws.com",
      members: ["credentials", "CredentialsArn", "authorizerCredentials", "cloudwatchRoleArn"],
      operations: ["PutIntegration", "CreateIntegration", "UpdateIntegration", "CreateAuthorizer"],
    },
  };
}
