import { type Collection, collection, compositeKey } from "../../store/store.ts";

/** What functions share: a zip that is unpacked to `/opt`. */
export interface LayerVersion {
  readonly account: string;
  readonly region: string;
  readonly layer: string;
  readonly number: number;
  readonly code: string;
  readonly codeBytes: number;
  readonly description: string;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  readonly license?: string;
  readonly createdMs: number;
  /** It is not to be seen or used anew any more. Its code stays for the functions that have it. */
  readonly isDeleted?: boolean;
}

/** Where the numbers of a layer's versions go on, since none is given twice. */
export interface Layer {
  readonly account: string;
  readonly region: string;
  readonly layer: string;
  readonly nextNumber: number;
}

export const layers: Collection<Layer> = collection<Layer>("lambda_layers");

export const layerVersions: Collection<LayerVersion> = collection<LayerVersion>("lambda_layer_versions", {
  code: { type: "text", value: ({ code }) => code },
});

export type LayerRef = Pick<LayerVersion, "account" | "region" | "layer">;
export type LayerVersionRef = LayerRef & Pick<LayerVersion, "number">;

export function layerKey({ account, region, layer }: LayerRef): string {
  return compositeKey(account, region, layer);
}

/** The newest comes first. */
export function layerVersionKey(ref: LayerVersionRef): string {
  return compositeKey(ref.account, ref.region, ref.layer, orderOf(ref));
}

export function orderOf({ number }: Pick<LayerVersion, "number">): string {
  return String(NUMBER_MAX - number).padStart(9, "0");
}

const NUMBER_MAX = 999_999_999;

export function layerArn({ account, region, layer }: LayerRef, number?: number): string {
  const arn = `arn:aws:lambda:${region}:${account}:layer:${layer}`;
  return number === undefined ? arn : `${arn}:${number}`;
}

/** `undefined`: that is no ARN of a layer's version. */
export function parseLayerVersionArn(arn: string): LayerVersionRef | undefined {
  const [, region, account, layer, number] =
    /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9-_]+):(\d{1,9})$/.exec(arn) ?? [];
  if (region === undefined || account === undefined || layer === undefined) return undefined;
  return { region, account, layer, number: Number(number) };
}
