/** Values of parameters, held against their declarations. */
import type { ParameterDeclaration as DeclaredParameter, Parameter } from "@aws-sdk/client-cloudformation";
import { fullyMatches, PatternError } from "../../bounded-pattern.ts";
import { validationError } from "../errors.ts";
import type { ParameterDeclaration, Template, Values } from "./template.ts";

/** Texts by name, as they were given or by default. Throws `ValidationError`. `before`: for `UsePreviousValue`. */
export function parameterTexts(
  { parameters }: Template,
  given: readonly Parameter[],
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const unknown = given.filter(({ ParameterKey = "" }) => !Object.hasOwn(parameters, ParameterKey));
  if (unknown.length > 0) {
    throw validationError(
      `Parameters: [${unknown.map(({ ParameterKey }) => ParameterKey).join(", ")}] do not exist in the template`,
    );
  }
  const texts: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, declaration] of Object.entries(parameters)) {
    const entry = given.find(({ ParameterKey }) => ParameterKey === name);
    const value = entry?.UsePreviousValue ? before?.[name] : (entry?.ParameterValue ?? declaration.Default);
    if (value === undefined) missing.push(name);
    else texts[name] = checked(name, value, declaration);
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(", ")}] must have values`);
  return texts;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const VALUE_BYTES_MAX = 4096;

function checked(name: string, value: string, declaration: ParameterDeclaration): string {
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue, ConstraintDescription } =
    declaration;
  const refuse = (why: string): Error => validationError(`Parameter '${name}' ${ConstraintDescription ?? why}`);
  // A name is held against what names may be: lists are what it stands for.
  const isName = lookedUpType(declaration.Type) !== undefined;
  if (Buffer.byteLength(value) > VALUE_BYTES_MAX) throw refuse(`must contain at most ${VALUE_BYTES_MAX} characters`);
  for (const part of isListType(declaration.Type) && !isName ? parts(value) : [value]) {
    if (AllowedValues !== undefined && !AllowedValues.includes(part)) throw refuse("must be one of AllowedValues");
    if (AllowedPattern !== undefined && !matches(AllowedPattern, part))
      throw refuse(`must match pattern ${AllowedPattern}`);
    if (MinLength !== undefined && part.length < Number(MinLength)) {
      throw refuse(`must contain at least ${MinLength} characters`);
    }
    if (MaxLength !== undefined && part.length > Number(MaxLength)) {
      throw refuse(`must contain at most ${MaxLength} characters`);
    }
    if (declaration.Type !== "Number" && declaration.Type !== "List<Number>") continue;
    if (part.trim() === "" || !Number.isFinite(Number(part))) throw refuse("must be a number");
    if (MinValue !== undefined && Number(part) < Number(MinValue))
      throw refuse(`must be a number not less than ${MinValue}`);
    if (MaxValue !== undefined && Number(part) > Number(MaxValue)) {
      throw refuse(`must be a number not greater than ${MaxValue}`);
    }
  }
  return value;
}

function matches(pattern: string, value: string): boolean {
  try {
    return fullyMatches(pattern, value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw validationError(`Template format error: AllowedPattern is no regular expression: ${pattern}`);
  }
}

/** What `Ref` of each parameter is. */
export function parameterValues({ parameters }: Template, texts: Readonly<Record<string, string>>): Values {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { Type }]) => {
      const value = texts[name];
      return value === undefined ? [] : [[name, isListType(Type) ? parts(value) : value]];
    }),
  );
}

/** Parameters as they are shown: not those that are secret. */
export function shownParameters(
  { parameters: declared }: Template,
  of: {
    readonly parameters: Readonly<Record<string, string>>;
    readonly secrets?: Readonly<Record<string, string>>;
    readonly looked?: Readonly<Record<string, string>>;
  },
): Parameter[] {
  const texts = { ...of.parameters, ...of.secrets };
  const names = Object.keys(declared).filter((name) => Object.hasOwn(texts, name));
  return names.map((ParameterKey) => {
    const isSecret = declared[ParameterKey]?.NoEcho;
    const resolved = of.looked?.[ParameterKey];
    return {
      ParameterKey,
      ParameterValue: isSecret ? "****" : texts[ParameterKey],
      ...(resolved !== undefined && { ResolvedValue: isSecret ? "****" : resolved }),
    };
  });
}

/** What the value of a parameter is that names one of Systems Manager: `undefined` for others. */
export function lookedUpType(type: string): string | undefined {
  return /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type)?.[1];
}

export function declaredParameters({ parameters }: Template): DeclaredParameter[] {
  return Object.entries(parameters).map(([ParameterKey, declaration]) => ({
    ParameterKey,
    ParameterType: declaration.Type,
    NoEcho: declaration.NoEcho ?? false,
    ...(declaration.Default !== undefined && { DefaultValue: declaration.NoEcho ? "****" : declaration.Default }),
    ...(declaration.Description !== undefined && { Description: declaration.Description }),
    ...(declaration.AllowedValues && { ParameterConstraints: { AllowedValues: [...declaration.AllowedValues] } }),
  }));
}

function isListType(given: string): boolean {
  const type = lookedUpType(given) ?? given;
  return type === "CommaDelimitedList" || type.startsWith("List<");
}

function parts(value: string): readonly string[] {
  return value === "" ? [] : value.split(",").map((part) => part.trim());
}
