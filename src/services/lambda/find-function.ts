/** Finds what `{FunctionName}` and `Qualifier` of a request name: a name, a partial ARN or a whole one, with or without a qualifier. */
import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { functionNotFound, invalid, notFound } from "./errors.ts";
import {
  type Alias,
  aliases,
  aliasKey,
  type FunctionRef,
  type FunctionVersion,
  functionArn,
  functionKey,
  functions,
  isVersion,
  LATEST,
  type LambdaFunction,
  versionKey,
  versions,
} from "./function.ts";

export interface Named extends FunctionRef {
  readonly qualifier?: string | undefined;
}

type Caller = Pick<Context, "account" | "region" | "principalArn">;

const NAME =
  /^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/**
 * Reads a function's name. Throws `ResourceNotFoundException` for one in another Region, and where the name and `Qualifier` disagree
 * `InvalidParameterValueException`.
 */
export function parseName(text: string, caller: Pick<Caller, "account" | "region">, qualifier?: string): Named {
  const [matched, region = caller.region, account = caller.account, name = "", own] = NAME.exec(text) ?? [];
  if (matched === undefined) throw functionNotFound(text);
  if (region !== caller.region) {
    throw notFound(`Functions from '${region}' are not reachable in this region ('${caller.region}')`);
  }
  if (own !== undefined && qualifier !== undefined && own !== qualifier) {
    throw invalid("The derived qualifier from the function name does not match the specified qualifier.");
  }
  const chosen = qualifier || own;
  return { account, region, name, ...(chosen !== undefined && { qualifier: chosen }) };
}

/** The same for an operation that is only for the function's own account. */
export function parseOwnName(text: string, caller: Caller, operation: string, qualifier?: string): Named {
  const named = parseName(text, caller, qualifier);
  if (named.account !== caller.account) throw accessDenied(caller, operation, functionArn(named, named.qualifier));
  return named;
}

const FUNCTION_ARN = /^arn:aws[\w-]*:lambda:([^:]+):(\d{12}):function:([^:]+)(?::([^:]+))?$/;

/** Reads the ARN of a function, whoever's; `undefined` for every other text. */
export function parseFunctionArn(arn: string): Named | undefined {
  const [, region, account, name, qualifier] = FUNCTION_ARN.exec(arn) ?? [];
  if (region === undefined || account === undefined || name === undefined) return undefined;
  return { account, region, name, qualifier };
}

/** The tags of the function that an ARN names. */
export async function tagsOf(reader: Reader, arn: string): Promise<LambdaFunction["tags"] | undefined> {
  const named = parseFunctionArn(arn);
  return named && (await reader.get(functions, functionKey(named)))?.tags;
}

export function accessDenied(
  { principalArn }: Pick<Caller, "principalArn">,
  operation: string,
  arn: string,
): ModeledError {
  return new ModeledError(
    "AccessDeniedException",
    `User: ${principalArn} is not authorized to perform: lambda:${operation} on resource: ${arn} because no resource-based policy allows the lambda:${operation} action`,
  );
}

/** Throws `ResourceNotFoundException`. */
export async function getFunctionOf(reader: Reader, named: Named): Promise<LambdaFunction> {
  const found = await reader.get(functions, functionKey(named));
  if (found === undefined) throw functionNotFound(functionArn(named, named.qualifier));
  return found;
}

/** The version that is named, by an alias too; without a qualifier `$LATEST`. Throws `ResourceNotFoundException`. */
export async function getVersionOf(reader: Reader, named: Named): Promise<FunctionVersion> {
  const version = await findVersion(reader, named, named.qualifier ?? LATEST);
  if (version === undefined) throw functionNotFound(functionArn(named, named.qualifier));
  return version;
}

async function findVersion(reader: Reader, ref: FunctionRef, qualifier: string): Promise<FunctionVersion | undefined> {
  if (isVersion(qualifier)) return reader.get(versions, versionKey(ref, qualifier));
  const alias = await reader.get(aliases, aliasKey(ref, qualifier));
  return alias && reader.get(versions, versionKey(ref, alias.version));
}

/** Throws `ResourceNotFoundException`. */
export async function getAliasOf(reader: Reader, ref: FunctionRef, name: string): Promise<Alias> {
  const alias = await reader.get(aliases, aliasKey(ref, name));
  if (alias === undefined) throw notFound(`Cannot find alias arn: ${functionArn(ref, name)}`);
  return alias;
}

export interface Target {
  readonly function: LambdaFunction;
  readonly version: FunctionVersion;
  /** As it was invoked: what the handler's context says. */
  readonly invokedArn: string;
}

/** What a call runs; an alias with two versions picks one by its weights. `undefined`: there is no such thing. */
export async function findTarget(reader: Reader, named: Named, random: () => number): Promise<Target | undefined> {
  const found = await reader.get(functions, functionKey(named));
  if (found === undefined) return undefined;
  const { qualifier = LATEST } = named;
  const alias = isVersion(qualifier) ? undefined : await reader.get(aliases, aliasKey(named, qualifier));
  if (alias === undefined && !isVersion(qualifier)) return undefined;
  const version = await reader.get(versions, versionKey(named, alias ? pickVersion(alias, random) : qualifier));
  return version && { function: found, version, invokedArn: functionArn(named, named.qualifier) };
}

function pickVersion({ version, routing }: Alias, random: () => number): string {
  return routing !== undefined && random() < routing.weight ? routing.version : version;
}
