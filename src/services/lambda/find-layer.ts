/** Finds what `{LayerName}` and `{VersionNumber}` of a request name. */
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { invalid, notFound } from "./errors.ts";
import { accessDenied } from "./find-function.ts";
import {
  type LayerRef,
  type LayerVersion,
  type LayerVersionRef,
  layerArn,
  layerVersionKey,
  layerVersions,
} from "./layer.ts";

export const NO_LAYER = "The resource you requested does not exist.";

/** Throws `ResourceNotFoundException`. */
export async function getLayerVersionOf(reader: Reader, ref: LayerVersionRef): Promise<LayerVersion> {
  const found = await reader.get(layerVersions, layerVersionKey(ref));
  if (found === undefined || found.isDeleted) throw notFound(NO_LAYER);
  return found;
}

export function checkNumber(number: number): number {
  if (number < 1) throw invalid("Layer Version Cannot be less than 1");
  // No layer has so many.
  if (!Number.isSafeInteger(number) || number > 999_999_999) throw notFound(NO_LAYER);
  return number;
}

/** A layer's name or ARN. */
export function parseLayer(text: string, { account, region }: Pick<Context, "account" | "region">): LayerRef {
  if (!text.startsWith("arn:")) return { account, region, layer: text };
  const [, , , itsRegion = "", itsAccount = "", , layer = ""] = text.split(":");
  if (itsRegion !== region) throw notFound(NO_LAYER);
  return { account: itsAccount, region, layer };
}

/** The same for an operation that is only for the layer's own account. */
export function parseOwnLayer(text: string, context: Context, operation: string): LayerRef {
  const ref = parseLayer(text, context);
  if (ref.account !== context.account) throw accessDenied(context, operation, layerArn(ref));
  return ref;
}
