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

type LayerRef = Pick<LayerVersion, "account" | "region" | "layer">;

export function layerKey({ account, region, layer }: LayerRef): string {
  return compositeKey(account, region, layer);
}

export function layerVersionKey({ account, region, layer, number }: LayerRef & Pick<LayerVersion, "number">): string {
  return compositeKey(account, region, layer, number);
}

export function layerArn({ account, region, layer }: LayerRef, number?: number): string {
  const arn = `arn:aws:lambda:${region}:${account}:layer:${layer}`;
  return number === undefined ? arn : `${arn}:${number}`;
}

/** `undefined`: that is no ARN of a layer's version. */
export function parseLayerVersionArn(arn: string): (LayerRef & Pick<LayerVersion, "number">) | undefined {
  const [, region, account, layer, number] =
    /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9-_]+):(\d{1,9})$/.exec(arn) ?? [];
  if (region === undefined || account === undefined || layer === undefined) return undefined;
  return { region, account, layer, number: Number(number) };
}
