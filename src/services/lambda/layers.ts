/** Layers: what functions share. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html */
import type {
  DeleteLayerVersionRequest,
  GetLayerVersionByArnRequest,
  GetLayerVersionRequest,
  GetLayerVersionResponse,
  LayersListItem,
  LayerVersionsListItem,
  ListLayersRequest,
  ListLayersResponse,
  ListLayerVersionsRequest,
  ListLayerVersionsResponse,
  PublishLayerVersionRequest,
  PublishLayerVersionResponse,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import { listBehind, listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { withZip } from "./code-files.ts";
import { codeUrl } from "./code-url.ts";
import { invalid, notFound } from "./errors.ts";
import { accessDenied } from "./find-function.ts";
import { checkNumber, getLayerVersionOf, NO_LAYER, parseLayer, parseOwnLayer } from "./find-layer.ts";
import { givenZip } from "./given-code.ts";
import {
  type Layer,
  type LayerRef,
  type LayerVersion,
  type LayerVersionRef,
  layerArn,
  layerKey,
  layers,
  layerVersionKey,
  layerVersions,
  orderOf,
  parseLayerVersionArn,
} from "./layer.ts";
import { layerPolicies, letsAccountUse } from "./layer-policy.ts";

export async function publishLayerVersion(
  input: Validated<PublishLayerVersionRequest>,
  context: Context,
): Promise<PublishLayerVersionResponse> {
  const ref = parseOwnLayer(input.LayerName, context, "PublishLayerVersion");
  const published = await withZip(context, givenZip(context, input.Content), (zip) =>
    context.store.commit(async (unit) => {
      const { nextNumber: number } = (await unit.get(layers, layerKey(ref))) ?? { nextNumber: 1 };
      const version: LayerVersion = {
        ...ref,
        ...zip,
        number,
        description: input.Description ?? "",
        runtimes: input.CompatibleRuntimes ?? [],
        architectures: input.CompatibleArchitectures ?? [],
        ...(input.LicenseInfo !== undefined && { license: input.LicenseInfo }),
        createdMs: context.clock.now(),
      };
      unit.put(layers, layerKey(ref), { ...ref, nextNumber: number + 1 });
      unit.put(layerVersions, layerVersionKey(version), version);
      return version;
    }),
  );
  return withContent(context, published);
}

export async function getLayerVersion(
  input: Validated<GetLayerVersionRequest>,
  context: Context,
): Promise<GetLayerVersionResponse> {
  const ref = { ...parseLayer(input.LayerName, context), number: checkNumber(input.VersionNumber) };
  await requireLayerAccess(context, ref);
  return withContent(context, await getLayerVersionOf(context.store, ref));
}

export async function getLayerVersionByArn(
  input: Validated<GetLayerVersionByArnRequest>,
  context: Context,
): Promise<GetLayerVersionResponse> {
  const ref = parseLayerVersionArn(input.Arn);
  if (ref === undefined || ref.region !== context.region) throw notFound(NO_LAYER);
  await requireLayerAccess(context, ref);
  return withContent(context, await getLayerVersionOf(context.store, ref));
}

/** Answers that it is gone whether or not it was there, as the real service does. Functions that have it keep it. */
export async function deleteLayerVersion(
  input: Validated<DeleteLayerVersionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const number = checkNumber(input.VersionNumber);
  const ref = { ...parseOwnLayer(input.LayerName, context, "DeleteLayerVersion"), number };
  await context.store.commit(async (unit) => {
    const found = await unit.get(layerVersions, layerVersionKey(ref));
    if (found === undefined) return;
    unit.put(layerVersions, layerVersionKey(ref), { ...found, isDeleted: true });
    unit.delete(layerPolicies, layerVersionKey(ref));
  });
  return {};
}

const LISTED_MAX = 50;

/** A layer's versions, the newest first. */
export async function listLayerVersions(
  input: Validated<ListLayerVersionsRequest>,
  context: Context,
): Promise<ListLayerVersionsResponse> {
  const ref = parseOwnLayer(input.LayerName, context, "ListLayerVersions");
  const { items, nextToken } = await listPage(context.store, versionsOf(ref, input), {
    of: ["ListLayerVersions", ref, input.CompatibleRuntime, input.CompatibleArchitecture],
    token: input.Marker,
    limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
    refuse: () => invalid("Invalid Marker."),
  });
  return { ...(nextToken !== undefined && { NextMarker: nextToken }), LayerVersions: items.map(described) };
}

/** Each layer with its newest version that fits. One that has none is left out. */
export async function listLayers(input: Validated<ListLayersRequest>, context: Context): Promise<ListLayersResponse> {
  const { account, region, store } = context;
  const { items, nextToken } = await listPage(
    store,
    { collection: layers, under: [account, region], nameOf: ({ layer }: Layer) => layer },
    {
      of: ["ListLayers", account, region, input.CompatibleRuntime, input.CompatibleArchitecture],
      token: input.Marker,
      limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
      refuse: () => invalid("Invalid Marker."),
    },
  );
  const found: LayersListItem[] = [];
  for (const ref of items) {
    const [newest] = await listBehind(store, versionsOf(ref, input), undefined, 1);
    if (newest) {
      found.push({ LayerName: ref.layer, LayerArn: layerArn(ref), LatestMatchingVersion: described(newest) });
    }
  }
  return { ...(nextToken !== undefined && { NextMarker: nextToken }), Layers: found };
}

function versionsOf({ account, region, layer }: LayerRef, wanted: Validated<ListLayersRequest>) {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = wanted;
  return {
    collection: layerVersions,
    under: [account, region, layer],
    nameOf: orderOf,
    keep: ({ isDeleted, runtimes, architectures }: LayerVersion) =>
      !isDeleted &&
      (runtime === undefined || runtimes.includes(runtime)) &&
      (architecture === undefined || architectures.length === 0 || architectures.includes(architecture)),
  };
}

/** Another account needs the version's leave. */
async function requireLayerAccess(context: Context, ref: LayerVersionRef): Promise<void> {
  if (ref.account === context.account || (await letsAccountUse(context.store, ref, context.account))) return;
  throw accessDenied(context, "GetLayerVersion", layerArn(ref, ref.number));
}

async function withContent(context: Context, version: LayerVersion): Promise<GetLayerVersionResponse> {
  return {
    ...described(version),
    LayerArn: layerArn(version),
    Content: {
      Location: await codeUrl(context, version.code),
      CodeSha256: Buffer.from(version.code, "hex").toString("base64"),
      CodeSize: version.codeBytes,
    },
  };
}

function described(version: LayerVersion): LayerVersionsListItem {
  const { runtimes, architectures, license } = version;
  return {
    LayerVersionArn: layerArn(version, version.number),
    Version: version.number,
    Description: version.description,
    CreatedDate: new Date(version.createdMs).toISOString().replace("Z", "+0000"),
    ...(runtimes.length > 0 && { CompatibleRuntimes: [...runtimes] as LayerVersionsListItem["CompatibleRuntimes"] }),
    ...(architectures.length > 0 && {
      CompatibleArchitectures: [...architectures] as LayerVersionsListItem["CompatibleArchitectures"],
    }),
    ...(license !== undefined && { LicenseInfo: license }),
  };
}
