import { compositeKey, type Reader } from "../../store/store.ts";
import { documentsOf, type MapPart, type MapScope, outside } from "../map-part.ts";
import { httpApis, integrations } from "./http/documents.ts";
import { functionOfUri } from "./invoke/lambda-calls.ts";
import { partKey, resources, restApis } from "./rest/documents.ts";

/** APIs, and what stands behind their methods and routes. */
export async function* mapOfApis(reader: Reader, scope: MapScope): AsyncGenerator<MapPart> {
  const owned = { index: "owner", prefix: compositeKey(scope.account, scope.region, "") };
  for await (const { api } of documentsOf(reader, restApis, owned)) {
    const from = apiId(scope, api.id);
    yield { part: "node", id: from, kind: "API", name: api.name, of: api.id };
    for await (const { part } of documentsOf(reader, resources, { prefix: partKey(api.id, "") })) {
      for (const [method, { methodIntegration }] of Object.entries(part.resourceMethods ?? {})) {
        if (methodIntegration?.type === "MOCK") continue;
        yield* partsOfIntegration(from, methodIntegration?.uri, `${method} ${part.path}`);
      }
    }
  }
  for await (const { api } of documentsOf(reader, httpApis, owned)) {
    const from = apiId(scope, api.ApiId);
    yield { part: "node", id: from, kind: "API", name: api.Name ?? api.ApiId, of: api.ApiId };
    for await (const { part } of documentsOf(reader, integrations, { prefix: partKey(api.ApiId, "") })) {
      const { IntegrationUri, IntegrationSubtype, IntegrationMethod } = part;
      const uri = IntegrationSubtype === undefined ? IntegrationUri : `service ${IntegrationSubtype}`;
      yield* partsOfIntegration(from, uri, IntegrationMethod ?? "calls");
    }
  }
}

function apiId({ account, region }: MapScope, id: string): string {
  return `arn:aws:apigateway:${region}:${account}:/apis/${id}`;
}

function* partsOfIntegration(from: string, uri: string | undefined, label: string): Generator<MapPart> {
  if (uri === undefined) return;
  const functionArn = functionOfUri(uri) ?? (uri.startsWith("arn:aws:lambda:") ? uri : undefined);
  if (functionArn !== undefined) {
    yield { part: "edge", from, to: functionArn, label };
    return;
  }
  const [, service] = /^arn:[\w-]+:apigateway:[\w-]+:([\w.-]+):/.exec(uri) ?? [];
  const to = service === undefined ? uri : `service ${service}`;
  yield outside(to, to);
  yield { part: "edge", from, to, label };
}
