/** A parameter as it is kept: what it is now, and each of its versions. */
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { openSecret, sealSecret } from "../secret-box.ts";
import type { Context } from "../service.ts";

export type Type = "String" | "StringList" | "SecureString";

export interface Parameter {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly type: Type;
  /** Sealed where it is a `SecureString`. */
  readonly value: string;
  readonly version: number;
  readonly dataType: string;
  readonly tier: "Standard" | "Advanced";
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly keyId?: string;
  readonly modifiedMs: number;
  /** The ARN of who has put it. */
  readonly modifiedBy: string;
}

type Place = Pick<Context, "account" | "region">;

/** What has a name, and its tags. */
export interface Named {
  readonly parameter: Parameter;
  readonly tags: Readonly<Record<string, string>>;
}

export const PARAMETERS: Collection<Named> = collection("ssm_parameter");
const VERSIONS: Collection<Parameter> = collection("ssm_parameter_version");

/** "Each parameter can have up to 100 versions": https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html */
const VERSIONS_MAX = 100;

export function parameterKey({ account, region }: Place, name: string): string {
  return compositeKey(account, region, name);
}

/** `/a/b` is `parameter/a/b`, `a` is `parameter/a`. */
export function parameterArn({ account, region }: Place, name: string): string {
  return `arn:aws:ssm:${region}:${account}:parameter${name.startsWith("/") ? "" : "/"}${name}`;
}

/** Writes a version, and forgets the oldest one of too many. */
export function putParameter(unit: Unit, { parameter, tags }: Named): void {
  const { name, version } = parameter;
  unit.put(PARAMETERS, parameterKey(parameter, name), { parameter, tags });
  unit.put(VERSIONS, compositeKey(parameter.account, parameter.region, name, version), parameter);
  if (version > VERSIONS_MAX) {
    unit.delete(VERSIONS, compositeKey(parameter.account, parameter.region, name, version - VERSIONS_MAX));
  }
}

export async function deleteParameter(unit: Unit, place: Place, name: string): Promise<boolean> {
  const key = parameterKey(place, name);
  if ((await unit.get(PARAMETERS, key)) === undefined) return false;
  unit.delete(PARAMETERS, key);
  for (const { version } of await listVersions(unit, place, name)) {
    unit.delete(VERSIONS, compositeKey(place.account, place.region, name, version));
  }
  return true;
}

export async function listVersions(
  reader: Reader,
  { account, region }: Place,
  name: string,
): Promise<readonly Parameter[]> {
  const prefix = compositeKey(account, region, name, "");
  return (await reader.list(VERSIONS, { prefix, limit: VERSIONS_MAX + 1 })).documents;
}

/** A parameter by name or ARN, either with `:VERSION` behind it. Throws the modelled errors of what is not there. */
export async function getParameter(
  reader: Reader,
  place: Place,
  given: string,
): Promise<{ readonly parameter: Parameter; readonly selector: string | undefined }> {
  const { name, selector } = parseName(place, given);
  const found = await reader.get(PARAMETERS, parameterKey(place, name));
  if (found === undefined) throw notFound(given);
  if (selector === undefined || selector === String(found.parameter.version)) {
    return { parameter: found.parameter, selector };
  }
  const version = /^\d{1,15}$/.test(selector) ? Number(selector) : undefined;
  const older =
    version === undefined
      ? undefined
      : await reader.get(VERSIONS, compositeKey(place.account, place.region, name, version));
  if (older === undefined) {
    throw new ModeledError(
      "ParameterVersionNotFound",
      `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
    );
  }
  return { parameter: older, selector };
}

export function parseName(
  { account, region }: Place,
  given: string,
): { readonly name: string; readonly selector: string | undefined } {
  const prefix = `arn:aws:ssm:${region}:${account}:parameter/`;
  if (given.startsWith("arn:") && !given.startsWith(prefix)) throw notFound(given);
  const rest = given.startsWith(prefix) ? given.slice(prefix.length) : given;
  const [path = "", selector] = rest.split(":");
  // The ARN of a name in a hierarchy has no slash of its own in front.
  const name = given.startsWith(prefix) && path.includes("/") ? `/${path}` : path;
  return { name, selector };
}

export function notFound(name: string): ModeledError {
  return new ModeledError("ParameterNotFound", `Parameter ${name} not found.`);
}

function purposeOf({ account, region, name }: Pick<Parameter, "account" | "region" | "name">): string {
  return `ssm parameter ${account} ${region} ${name}`;
}

/** Outside of units: each sealing is another text. */
export function sealValue(context: Context, name: string, text: string): string {
  return sealSecret(context, purposeOf({ ...context, name }), text);
}

/** A parameter's value; that of a `SecureString` as it is sealed, unless it is asked for opened. */
export function textOf(context: Context, parameter: Parameter, isOpened: boolean | undefined): string {
  if (parameter.type !== "SecureString" || !isOpened) return parameter.value;
  const opened = openSecret(context, purposeOf(parameter), parameter.value);
  if (opened === undefined) {
    throw new ModeledError("InvalidKeyId", `The key that ${parameter.name} was sealed with is not there any more`);
  }
  return opened;
}
