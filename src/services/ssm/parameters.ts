import { ModeledError } from "../../models/modeled-error.ts";
import { fullyMatches, PatternError } from "../bounded-pattern.ts";
import { type ListedPage, listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import {
  deleteParameter as deleteNamed,
  getParameter as getNamed,
  listVersions,
  type Named,
  notFound,
  PARAMETERS,
  type Parameter,
  parameterArn,
  parameterKey,
  parseName,
  putParameter as putNamed,
  sealValue,
  type Type,
  textOf,
} from "./parameter.ts";
import { checkTags, type Tag } from "./tags.ts";

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const STANDARD_BYTES_MAX = 4096;
const ADVANCED_BYTES_MAX = 8192;
const LEVELS_MAX = 15;
const NAME = /^[\w.\-/]+$/;
const PAGE_SIZE = 10;
const DESCRIBED_PAGE_SIZE = 50;

/** The types of an SDK's client for this service would be the only thing used of it. */
export interface PutParameterRequest {
  readonly Name: string;
  readonly Value: string;
  readonly Type?: Type;
  readonly Description?: string;
  readonly KeyId?: string;
  readonly Overwrite?: boolean;
  readonly AllowedPattern?: string;
  readonly Tags?: readonly Tag[];
  readonly Tier?: "Standard" | "Advanced" | "Intelligent-Tiering";
  readonly Policies?: string;
  readonly DataType?: string;
}

interface ShownParameter {
  readonly Name: string;
  readonly Type: Type;
  readonly Value: string;
  readonly Version: number;
  readonly Selector?: string;
  readonly LastModifiedDate: Date;
  readonly ARN: string;
  readonly DataType: string;
}

/** Makes a parameter, or its next version where `Overwrite` says so. */
export async function putParameter(
  input: PutParameterRequest,
  context: Context,
): Promise<{ Version: number; Tier: string }> {
  const { Name: name, Value, AllowedPattern, Tags } = input;
  checkName(name);
  if (input.Policies !== undefined && input.Policies !== "") throw invalid("Policies are not built in Trunkline");
  if (input.DataType !== undefined && input.DataType !== "text") {
    throw invalid(`The data type ${input.DataType} is not built in Trunkline`);
  }
  if (Tags?.length && input.Overwrite) {
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  const isAdvanced = input.Tier === "Advanced" || Buffer.byteLength(Value) > STANDARD_BYTES_MAX;
  if (Value === "") throw invalid("Value: it may not be empty");
  if (Buffer.byteLength(Value) > ADVANCED_BYTES_MAX || (isAdvanced && input.Tier === "Standard")) {
    const most = input.Tier === "Standard" ? STANDARD_BYTES_MAX : ADVANCED_BYTES_MAX;
    throw invalid(
      `${input.Tier ?? "Standard"} tier parameters support a maximum parameter value of ${most} characters.`,
    );
  }
  if (isAdvanced && input.Tier === undefined) {
    throw invalid(`Standard tier parameters support a maximum parameter value of ${STANDARD_BYTES_MAX} characters.`);
  }
  if (AllowedPattern !== undefined && !matches(AllowedPattern, Value)) {
    throw new ModeledError(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`,
    );
  }
  const tags = checkTags({}, Tags ?? []);
  const sealed = sealValue(context, name, Value);
  const version = await context.store.commit(async (unit) => {
    const before = await unit.get(PARAMETERS, parameterKey(context, name));
    if (before && !input.Overwrite) {
      throw new ModeledError(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      );
    }
    const type = input.Type ?? before?.parameter.type;
    if (type === undefined) throw invalid("A parameter type is required when you create a parameter.");
    const { account, region, principalArn } = context;
    const next: Parameter = {
      account,
      region,
      name,
      type,
      value: type === "SecureString" ? sealed : Value,
      version: (before?.parameter.version ?? 0) + 1,
      dataType: "text",
      tier: isAdvanced ? "Advanced" : "Standard",
      ...(input.Description !== undefined && { description: input.Description }),
      ...(AllowedPattern !== undefined && { allowedPattern: AllowedPattern }),
      ...(type === "SecureString" && { keyId: input.KeyId ?? "alias/aws/ssm" }),
      modifiedMs: context.clock.now(),
      modifiedBy: principalArn,
    };
    putNamed(unit, { parameter: next, tags: before?.tags ?? tags });
    return next.version;
  });
  return { Version: version, Tier: isAdvanced ? "Advanced" : "Standard" };
}

function checkName(name: string): void {
  if (!NAME.test(name) || name.includes("//") || name.endsWith("/")) {
    throw invalid("Parameter name: can't have anything but letters, digits and any of .-_/, and no empty level.");
  }
  if (!name.startsWith("/") && name.includes("/")) {
    throw invalid(`Parameter name must be a fully qualified name: ${name} has to begin with /`);
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (name.split("/").length - 1 > LEVELS_MAX) {
    throw new ModeledError(
      "HierarchyLevelLimitExceededException",
      `A hierarchy can have a maximum of ${LEVELS_MAX} levels. (${name})`,
    );
  }
}

function matches(pattern: string, value: string): boolean {
  try {
    return fullyMatches(pattern, value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ModeledError("InvalidAllowedPatternException", `AllowedPattern is no regular expression: ${pattern}`);
  }
}

function invalid(message: string): ModeledError {
  return new ModeledError("ValidationException", message);
}

export async function getParameter(
  { Name, WithDecryption }: { readonly Name: string; readonly WithDecryption?: boolean },
  context: Context,
): Promise<{ Parameter: ShownParameter }> {
  const { parameter, selector } = await getNamed(context.store, context, Name);
  return { Parameter: shown(context, parameter, WithDecryption, selector) };
}

export async function getParameters(
  { Names, WithDecryption }: { readonly Names: readonly string[]; readonly WithDecryption?: boolean },
  context: Context,
): Promise<{ Parameters: ShownParameter[]; InvalidParameters: string[] }> {
  const Parameters: ShownParameter[] = [];
  const InvalidParameters: string[] = [];
  for (const name of new Set(Names)) {
    try {
      const { parameter, selector } = await getNamed(context.store, context, name);
      Parameters.push(shown(context, parameter, WithDecryption, selector));
    } catch (error) {
      if (!(error instanceof ModeledError)) throw error;
      InvalidParameters.push(name);
    }
  }
  return { Parameters, InvalidParameters };
}

function shown(
  context: Context,
  parameter: Parameter,
  isOpened: boolean | undefined,
  selector?: string,
): ShownParameter {
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: textOf(context, parameter, isOpened),
    Version: parameter.version,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    LastModifiedDate: new Date(parameter.modifiedMs),
    ARN: parameterArn(parameter, parameter.name),
    DataType: parameter.dataType,
  };
}

interface Filter {
  readonly Key: string;
  readonly Option?: string;
  readonly Values?: readonly string[];
}

interface PagedRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Those right below a path, or anywhere below it. */
export async function getParametersByPath(
  input: PagedRequest & {
    readonly Path: string;
    readonly Recursive?: boolean;
    readonly WithDecryption?: boolean;
    readonly ParameterFilters?: readonly Filter[];
  },
  context: Context,
): Promise<{ Parameters: ShownParameter[]; NextToken?: string }> {
  const { Path: path, Recursive = false, ParameterFilters = [] } = input;
  if (!path.startsWith("/")) {
    throw invalid(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  }
  const under = path.endsWith("/") ? path : `${path}/`;
  const filter = { Key: "Path", Option: Recursive ? "Recursive" : "OneLevel", Values: [under] };
  const keep = filterOf([filter, ...ParameterFilters], ["Path", "Type", "KeyId"]);
  const page = await pageOf(context, input, { size: PAGE_SIZE, of: [under, Recursive, ParameterFilters], keep, under });
  return {
    Parameters: page.items.map(({ parameter }) => shown(context, parameter, input.WithDecryption)),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

export async function describeParameters(
  input: PagedRequest & { readonly ParameterFilters?: readonly Filter[]; readonly Filters?: readonly Filter[] },
  context: Context,
): Promise<{ Parameters: object[]; NextToken?: string }> {
  // The older form of filters compares beginnings.
  const older = (input.Filters ?? []).map((filter) => ({ ...filter, Option: "BeginsWith" }));
  const filters = [...(input.ParameterFilters ?? []), ...older];
  const keep = filterOf(filters, ["Name", "Path", "Type", "KeyId", "Tier", "DataType"]);
  const page = await pageOf(context, input, { size: DESCRIBED_PAGE_SIZE, of: [filters], keep });
  return {
    Parameters: page.items.map(({ parameter }) => described(parameter)),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

function described(parameter: Parameter): object {
  const { name, type, keyId, modifiedMs, modifiedBy, description, allowedPattern, version, tier, dataType } = parameter;
  return {
    Name: name,
    ARN: parameterArn(parameter, name),
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    LastModifiedDate: new Date(modifiedMs),
    LastModifiedUser: modifiedBy,
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: version,
    Tier: tier,
    Policies: [],
    DataType: dataType,
  };
}

function pageOf(
  context: Context,
  { MaxResults, NextToken }: PagedRequest,
  {
    size,
    of,
    keep,
    under,
  }: {
    readonly size: number;
    readonly of: readonly unknown[];
    readonly keep: (named: Named) => boolean;
    readonly under?: string;
  },
): Promise<ListedPage<Named>> {
  const { account, region, store } = context;
  const listing = {
    collection: PARAMETERS,
    under: [account, region],
    prefix: under,
    nameOf: ({ parameter }: Named) => parameter.name,
    keep,
  };
  return listPage(store, listing, {
    of: [account, region, ...of],
    token: NextToken,
    limit: MaxResults ?? size,
    refuse: () => new ModeledError("InvalidNextToken", "The specified token isn't valid."),
  });
}

/** Whether a parameter passes all of some filters. */
function filterOf(filters: readonly Filter[], keys: readonly string[]): (named: Named) => boolean {
  const unknown = filters.find(({ Key }) => !keys.includes(Key));
  if (unknown) {
    throw new ModeledError(
      "InvalidFilterKey",
      `The following filter key is not valid: ${unknown.Key}. Valid filter keys include: [${keys.join(", ")}].`,
    );
  }
  return ({ parameter }) => filters.every((filter) => passes(parameter, filter));
}

function passes(parameter: Parameter, { Key, Option = "Equals", Values = [] }: Filter): boolean {
  if (Key === "Path") {
    return Values.some((path) => {
      const under = path.endsWith("/") ? path : `${path}/`;
      if (!parameter.name.startsWith(under)) return false;
      return Option === "Recursive" || !parameter.name.slice(under.length).includes("/");
    });
  }
  const { name, type, keyId, tier, dataType } = parameter;
  const value = { Name: name, Type: type, KeyId: keyId, Tier: tier, DataType: dataType }[Key];
  if (value === undefined) return false;
  return Values.some((wanted) => {
    switch (Option) {
      case "BeginsWith":
        return value.startsWith(wanted);
      case "Contains":
        return value.includes(wanted);
      case "Equals":
        return value === wanted;
      default:
        throw new ModeledError("InvalidFilterOption", `The filter option ${Option} is not valid for ${Key}.`);
    }
  });
}

/** All versions, the oldest first. */
export async function getParameterHistory(
  input: PagedRequest & { readonly Name: string; readonly WithDecryption?: boolean },
  context: Context,
): Promise<{ Parameters: object[] }> {
  const { name } = parseName(context, input.Name);
  const versions = await listVersions(context.store, context, name);
  if (versions.length === 0) throw notFound(input.Name);
  return {
    Parameters: versions.map((parameter) => ({
      ...described(parameter),
      Value: textOf(context, parameter, input.WithDecryption),
      Labels: [],
    })),
  };
}

export async function deleteParameter({ Name }: { readonly Name: string }, context: Context): Promise<object> {
  const { name } = parseName(context, Name);
  const isGone = await context.store.commit((unit) => deleteNamed(unit, context, name));
  if (!isGone) throw notFound(Name);
  return {};
}

export async function deleteParameters(
  { Names }: { readonly Names: readonly string[] },
  context: Context,
): Promise<{ DeletedParameters: string[]; InvalidParameters: string[] }> {
  return context.store.commit(async (unit) => {
    const answer = { DeletedParameters: [] as string[], InvalidParameters: [] as string[] };
    for (const name of new Set(Names)) {
      const isGone = await deleteNamed(unit, context, parseName(context, name).name);
      answer[isGone ? "DeletedParameters" : "InvalidParameters"].push(name);
    }
    return answer;
  });
}
