import { type Collection, collection, compositeKey } from "../../store/store.ts";

export const LATEST = "$LATEST";

/** A function's place: names belong to an account and a Region. */
export interface FunctionRef {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** What is true of a function whatever its version. */
export interface LambdaFunction extends FunctionRef {
  /** Another one when a function is deleted and created anew with the same name. */
  readonly id: string;
  /** The number that the next published version gets. Numbers are never used again. */
  readonly nextVersion: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
}

export const functions: Collection<LambdaFunction> = collection<LambdaFunction>("lambda_functions");

export function functionKey({ account, region, name }: FunctionRef): string {
  return compositeKey(account, region, name);
}

export interface Logging {
  readonly format: "Text" | "JSON";
  readonly group: string;
  /** Only with JSON: the least level that a handler's own lines must have. */
  readonly applicationLevel?: string;
  readonly systemLevel?: string;
}

/** Code and configuration, which together are what runs. Published ones never change. */
export interface FunctionVersion extends FunctionRef {
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly functionId: string;
  /** SHA-256 of the zip, hexadecimal: the name of its file. */
  readonly code: string;
  readonly codeBytes: number;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly ephemeralMb: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly tracing: string;
  readonly logging: Logging;
  readonly deadLetterArn?: string;
  /** ARNs of layer versions, in their order. */
  readonly layers: readonly string[];
  readonly modifiedMs: number;
  /** Another one with each change. */
  readonly revisionId: string;
  /** `Auto`, `Manual` or `FunctionUpdate`: stored, and of no effect here. */
  readonly runtimeUpdates?: { readonly on: string; readonly arn?: string };
}

export const versions: Collection<FunctionVersion> = collection<FunctionVersion>("lambda_versions", {
  code: { type: "text", value: ({ code }) => code },
  listed: {
    type: "text",
    value: (version) => compositeKey(version.account, version.region, nameAndVersion(version)),
  },
});

/** What all versions of an account are listed by. */
export function nameAndVersion({ name, version }: FunctionVersion): string {
  return `${name}:${versionNumber(version)}`;
}

/** A version in such a form that it sorts as a number, `$LATEST` first. */
export function versionNumber(version: string): string {
  return (version === LATEST ? "0" : version).padStart(16, "0");
}

export function versionKey(ref: FunctionRef, version: string): string {
  return compositeKey(ref.account, ref.region, ref.name, version === LATEST ? 0 : Number(version));
}

/** The prefix of all versions of a function, `$LATEST` the first of them. */
export function versionsOf({ account, region, name }: FunctionRef): string {
  return compositeKey(account, region, name, "");
}

export interface Alias extends FunctionRef {
  readonly alias: string;
  readonly version: string;
  readonly description: string;
  /** Another version, and which part of the calls it gets, between 0 and 1. */
  readonly routing?: { readonly version: string; readonly weight: number };
  readonly revisionId: string;
}

export const aliases: Collection<Alias> = collection<Alias>("lambda_aliases");

export function aliasKey({ account, region, name }: FunctionRef, alias: string): string {
  return compositeKey(account, region, name, alias);
}

/** The ARN of a function, or of a version or alias of it. */
export function functionArn({ account, region, name }: FunctionRef, qualifier?: string): string {
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** A number is a version, `$LATEST` too; anything else is an alias. */
export function isVersion(qualifier: string): boolean {
  return qualifier === LATEST || /^\d+$/.test(qualifier);
}
