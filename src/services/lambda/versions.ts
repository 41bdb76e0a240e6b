import type {
  FunctionConfiguration,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  PublishVersionRequest,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { configurationOf } from "./described-function.ts";
import { invalid, preconditionFailed } from "./errors.ts";
import { getFunctionOf, getVersionOf, parseOwnName } from "./find-function.ts";
import { versionNumber, versions } from "./function.ts";
import { publish } from "./update-function.ts";

export async function publishVersion(
  input: Validated<PublishVersionRequest>,
  context: Context,
): Promise<FunctionConfiguration> {
  const { qualifier: _qualifier, ...ref } = parseOwnName(input.FunctionName, context, "PublishVersion");
  const revisionId = context.ids.uuid();
  const published = await context.store.commit(async (unit) => {
    const latest = await getVersionOf(unit, ref);
    if (input.RevisionId !== undefined && input.RevisionId !== latest.revisionId) throw preconditionFailed();
    const sha = Buffer.from(latest.code, "hex").toString("base64");
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== "" && input.CodeSha256 !== sha) {
      throw invalid(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${sha}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    return publish(unit, ref, { revisionId, description: input.Description });
  });
  return configurationOf(context, published, published.version);
}

const LISTED_MAX = 50;

export async function listVersionsByFunction(
  input: Validated<ListVersionsByFunctionRequest>,
  context: Context,
): Promise<ListVersionsByFunctionResponse> {
  const named = parseOwnName(input.FunctionName, context, "ListVersionsByFunction");
  const { account, region, name } = await getFunctionOf(context.store, named);
  const { items, nextToken } = await listPage(
    context.store,
    { collection: versions, under: [account, region, name], nameOf: ({ version }) => versionNumber(version) },
    {
      of: ["ListVersionsByFunction", account, region, name],
      token: input.Marker,
      limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
      refuse: () => invalid("Invalid Marker."),
    },
  );
  return {
    ...(nextToken !== undefined && { NextMarker: nextToken }),
    Versions: await Promise.all(items.map((version) => configurationOf(context, version, version.version))),
  };
}
