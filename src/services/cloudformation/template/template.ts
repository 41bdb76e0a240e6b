/** A template as its sections, held against the rules of the language. Which resource types there are it does not know. */
import { templateError, validationError } from "../errors.ts";
import { listReferences, type References } from "./references.ts";
import { parseTemplateText } from "./template-text.ts";

export type Values = Readonly<Record<string, unknown>>;

export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: string;
  readonly NoEcho?: boolean;
  readonly Description?: string;
  readonly AllowedValues?: readonly string[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

export interface ResourceDeclaration {
  readonly type: string;
  readonly properties: Values;
  readonly condition?: string;
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
  /** By `DependsOn`. */
  readonly dependsOn: readonly string[];
  /** Logical ids of all that must be there before it: by `DependsOn` and by what its properties refer to. */
  readonly waitsFor: readonly string[];
}

export interface OutputDeclaration {
  readonly value: unknown;
  readonly description?: string;
  readonly exportName?: unknown;
  readonly condition?: string;
}

/** What values of parameters have to be together. */
export interface RuleDeclaration {
  /** Absent: it always counts. */
  readonly condition?: unknown;
  readonly assertions: readonly { readonly assert: unknown; readonly description: string }[];
}

export interface Template {
  readonly description?: string;
  readonly metadata?: unknown;
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>;
  readonly mappings: Readonly<Record<string, Values>>;
  readonly conditions: Values;
  readonly resources: Readonly<Record<string, ResourceDeclaration>>;
  readonly outputs: Readonly<Record<string, OutputDeclaration>>;
  readonly rules: Readonly<Record<string, RuleDeclaration>>;
}

const SECTIONS = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Rules",
  "Mappings",
  "Conditions",
  "Resources",
  "Outputs",
];
const RESOURCE_MEMBERS = [
  "Type",
  "Properties",
  "DependsOn",
  "Condition",
  "Metadata",
  "DeletionPolicy",
  "UpdateReplacePolicy",
];
const POLICIES = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];
export const PSEUDO_PARAMETERS: readonly string[] = [
  "AWS::AccountId",
  "AWS::NoValue",
  "AWS::NotificationARNs",
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
];

/** How many a section may have: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MEMBERS_MAX: Readonly<Record<string, number>> = { Parameters: 200, Mappings: 200, Resources: 500, Outputs: 200 };

/** Templates that were parsed lately: each step of a stack and each look at one asks for its template again. */
const kept = new Map<string, Template>();
let keptCharacters = 0;
const KEPT_CHARACTERS_MAX = 4 * 1_048_576;

/** Throws `ValidationError` for what is no template. */
export function parseTemplate(text: string): Template {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const template = parse(text);
  kept.set(text, template);
  keptCharacters += text.length;
  for (const [oldest] of kept) {
    if (keptCharacters <= KEPT_CHARACTERS_MAX) break;
    kept.delete(oldest);
    keptCharacters -= oldest.length;
  }
  return template;
}

function parse(text: string): Template {
  const root = parseTemplateText(text);
  if (!isMap(root)) throw templateError("unsupported structure.");
  for (const section of Object.keys(root)) {
    if (section === "Transform")
      throw validationError("Transforms (macros, SAM) are not built in Trunkline: Transform");
    if (!SECTIONS.includes(section)) {
      throw validationError(`Invalid template property or properties [${section}]`);
    }
  }
  const version = root.AWSTemplateFormatVersion;
  if (version !== undefined && version !== "2010-09-09") {
    throw templateError(`Template format version must be "2010-09-09", not ${JSON.stringify(version)}`);
  }
  if (root.Description !== undefined && typeof root.Description !== "string") {
    throw templateError("[/Description] must be a string.");
  }
  const template: Template = {
    ...(typeof root.Description === "string" && { description: root.Description }),
    ...(root.Metadata !== undefined && { metadata: root.Metadata }),
    parameters: mapSection(root, "Parameters", parseParameter),
    mappings: mapSection(root, "Mappings", (_name, value) => value),
    conditions: section(root, "Conditions"),
    resources: mapSection(root, "Resources", parseResource),
    outputs: mapSection(root, "Outputs", parseOutput),
    rules: mapSection(root, "Rules", parseRule),
  };
  if (Object.keys(template.resources).length === 0) {
    throw templateError("At least one Resources member must be defined.");
  }
  checkReferences(template);
  checkCircles(template);
  return template;
}

function section(root: Values, name: string): Values {
  const found = root[name] ?? {};
  if (!isMap(found)) throw templateError(`[/${name}] Every ${name} member must be an object.`);
  return found;
}

function mapSection<T>(root: Values, name: string, parse: (name: string, value: Values) => T): Record<string, T> {
  const members = Object.entries(section(root, name));
  const most = MEMBERS_MAX[name] ?? members.length;
  if (members.length > most) {
    throw templateError(`Number of ${name.toLowerCase()}, ${members.length}, is greater than maximum allowed, ${most}`);
  }
  return Object.fromEntries(
    members.map(([key, value]) => {
      if (name !== "Mappings" && !/^[A-Za-z0-9]{1,255}$/.test(key)) {
        throw templateError(`${name} name ${key} is non alphanumeric.`);
      }
      if (!isMap(value)) throw templateError(`[/${name}/${key}] Every ${name} object must be an object.`);
      return [key, parse(key, value)];
    }),
  );
}

const PARAMETER_MEMBERS = [
  "Type",
  "Default",
  "NoEcho",
  "Description",
  "AllowedValues",
  "AllowedPattern",
  "ConstraintDescription",
  "MinLength",
  "MaxLength",
  "MinValue",
  "MaxValue",
];

function parseParameter(name: string, given: Values): ParameterDeclaration {
  const unknown = Object.keys(given).find((member) => !PARAMETER_MEMBERS.includes(member));
  if (unknown !== undefined) throw templateError(`Invalid template parameter property '${unknown}'`);
  const { Type, Default, NoEcho, AllowedValues } = given;
  if (typeof Type !== "string") throw templateError(`Every Parameters object must contain a Type member. (${name})`);
  const looked = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(Type)?.[1] ?? Type;
  if (!/^(String|Number|CommaDelimitedList|List<Number>|List<String>|AWS::[\w:]+|List<AWS::[\w:]+>)$/.test(looked)) {
    throw templateError(`Unrecognized parameter type: ${Type}`);
  }
  if (AllowedValues !== undefined && !(Array.isArray(AllowedValues) && AllowedValues.every(isScalar))) {
    throw templateError(`Every AllowedValues member of parameter ${name} must be a list of strings.`);
  }
  if (Default !== undefined && !isScalar(Default)) throw templateError("Every Default member must be a string.");
  for (const member of ["Description", "AllowedPattern", "ConstraintDescription"]) {
    if (given[member] !== undefined && typeof given[member] !== "string") {
      throw templateError(`Every ${member} member must be a string. (${name})`);
    }
  }
  for (const member of ["MinLength", "MaxLength", "MinValue", "MaxValue"]) {
    const bound = given[member];
    if (bound !== undefined && !(isScalar(bound) && String(bound).trim() !== "" && Number.isFinite(Number(bound)))) {
      throw templateError(`Every ${member} member must be a number. (${name})`);
    }
  }
  return {
    ...(given as object),
    Type,
    ...(Default !== undefined && { Default: String(Default) }),
    ...(NoEcho !== undefined && { NoEcho: String(NoEcho).toLowerCase() === "true" }),
    ...(AllowedValues !== undefined && { AllowedValues: AllowedValues.map(String) }),
  };
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function parseResource(id: string, given: Values): ResourceDeclaration {
  const { Type: type, Properties: properties = {}, DependsOn: dependsOn = [], Condition: condition } = given;
  if (typeof type !== "string")
    throw templateError(`[/Resources/${id}] Every Resources object must contain a Type member.`);
  const unknown = Object.keys(given).find((member) => !RESOURCE_MEMBERS.includes(member));
  if (unknown !== undefined) throw validationError(`Invalid template resource property '${unknown}'`);
  if (!isMap(properties)) throw templateError(`[/Resources/${id}/Properties] must be an object.`);
  const named = typeof dependsOn === "string" ? [dependsOn] : dependsOn;
  if (!Array.isArray(named) || !named.every((name) => typeof name === "string")) {
    throw templateError(`Every DependsOn value must be a string. (${id})`);
  }
  if (condition !== undefined && typeof condition !== "string") {
    throw templateError(`Every Condition member must be a string. (${id})`);
  }
  const deletionPolicy = policy(id, "DeletionPolicy", given);
  const { refs, attributesOf } = listReferences(properties);
  return {
    type,
    properties,
    ...(condition !== undefined && { condition }),
    deletionPolicy,
    updateReplacePolicy: policy(id, "UpdateReplacePolicy", given),
    dependsOn: named as string[],
    // Those that are resources: the section is not known as a whole yet.
    waitsFor: [...new Set([...(named as string[]), ...refs, ...attributesOf])],
  };
}

function policy(id: string, member: string, given: Values): string {
  const value = given[member] ?? "Delete";
  if (typeof value === "string" && POLICIES.includes(value)) return value;
  throw templateError(`Unrecognized ${member} ${JSON.stringify(value)} for resource ${id}`);
}

function parseOutput(name: string, given: Values): OutputDeclaration {
  if (given.Value === undefined || given.Value === null) {
    throw templateError(`Every Outputs member must contain a Value object (${name})`);
  }
  const { Export, Description, Condition } = given;
  if (Export !== undefined && (!isMap(Export) || Export.Name === undefined)) {
    throw templateError(`Output ${name} has a malformed Export: it must have a Name`);
  }
  return {
    value: given.Value,
    ...(typeof Description === "string" && { description: Description }),
    ...(isMap(Export) && { exportName: Export.Name }),
    ...(typeof Condition === "string" && { condition: Condition }),
  };
}

function parseRule(name: string, { RuleCondition, Assertions, ...more }: Values): RuleDeclaration {
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw templateError(`[/Rules/${name}] Encountered unsupported property ${unknown}`);
  if (!Array.isArray(Assertions) || !Assertions.every((one) => isMap(one) && one.Assert !== undefined)) {
    throw templateError(`[/Rules/${name}] Every rule must have Assertions, each with an Assert.`);
  }
  return {
    ...(RuleCondition !== undefined && { condition: RuleCondition }),
    assertions: (Assertions as Values[]).map(({ Assert, AssertDescription }) => ({
      assert: Assert,
      description: typeof AssertDescription === "string" ? AssertDescription : name,
    })),
  };
}

function checkReferences(template: Template): void {
  const { resources, parameters, conditions, outputs, mappings } = template;
  const isKnown = (name: string): boolean =>
    Object.hasOwn(resources, name) || Object.hasOwn(parameters, name) || PSEUDO_PARAMETERS.includes(name);
  const check = (found: References, where: string): void => {
    const unknown = [...found.refs].filter((name) => !isKnown(name));
    if (unknown.length > 0) {
      throw templateError(
        `Unresolved resource dependencies [${unknown.join(", ")}] in the ${where} block of the template`,
      );
    }
    const noResource = [...found.attributesOf].find((name) => !Object.hasOwn(resources, name));
    if (noResource !== undefined) {
      throw validationError(`Template error: instance of Fn::GetAtt references undefined resource ${noResource}`);
    }
    const noCondition = [...found.conditions].find((name) => !Object.hasOwn(conditions, name));
    if (noCondition !== undefined) {
      throw templateError(`Unresolved condition dependency ${noCondition} in the ${where} block of the template`);
    }
    const noMapping = [...found.mappings].find((name) => !Object.hasOwn(mappings, name));
    if (noMapping !== undefined) {
      throw validationError(
        `Template error: Mapping named '${noMapping}' is not present in the 'Mappings' section of template.`,
      );
    }
  };
  for (const { properties, dependsOn, condition } of Object.values(resources)) {
    check(listReferences(properties), "Resources");
    check({ ...NOTHING, refs: new Set(dependsOn.filter((id) => !Object.hasOwn(resources, id))) }, "Resources");
    if (condition !== undefined) check({ ...NOTHING, conditions: new Set([condition]) }, "Resources");
  }
  for (const { value, exportName, condition } of Object.values(outputs)) {
    check(listReferences([value, exportName]), "Outputs");
    if (condition !== undefined) check({ ...NOTHING, conditions: new Set([condition]) }, "Outputs");
  }
  for (const condition of Object.values(conditions)) {
    const found = listReferences(condition);
    check(found, "Conditions");
    const resource = [...found.refs, ...found.attributesOf].find((name) => Object.hasOwn(resources, name));
    if (resource !== undefined) {
      throw templateError(
        `Unresolved dependencies [${resource}]. Cannot reference resources in the Conditions block of the template`,
      );
    }
  }
}

const NOTHING: References = { refs: new Set(), attributesOf: new Set(), conditions: new Set(), mappings: new Set() };

/** The resources that one waits for, by `DependsOn` and by what its properties refer to. */
export function dependenciesOf({ resources }: Template, id: string): readonly string[] {
  const resource = Object.hasOwn(resources, id) ? resources[id] : undefined;
  return resource?.waitsFor.filter((name) => Object.hasOwn(resources, name)) ?? [];
}

function checkCircles(template: Template): void {
  const waits = Object.keys(template.resources).map((id): [string, readonly string[]] => [
    id,
    dependenciesOf(template, id),
  ]);
  const resources = circle(new Map(waits));
  if (resources.length > 0) throw validationError(`Circular dependency between resources: [${resources.join(", ")}]`);
  const rests = Object.entries(template.conditions).map(([name, condition]): [string, readonly string[]] => [
    name,
    [...listReferences(condition).conditions],
  ]);
  const conditions = circle(new Map(rests));
  if (conditions.length > 0)
    throw validationError(`Circular dependency between conditions: [${conditions.join(", ")}]`);
}

/** The names that wait for one another, or for some that do. */
function circle(waits: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const left = new Map([...waits].map(([name, others]) => [name, others.length]));
  const waiting = new Map<string, string[]>();
  for (const [name, others] of waits) {
    for (const other of others) {
      const list = waiting.get(other);
      if (list) list.push(name);
      else waiting.set(other, [name]);
    }
  }
  const free = [...left].filter(([, count]) => count === 0).map(([name]) => name);
  for (const name of free) {
    left.delete(name);
    for (const other of waiting.get(name) ?? []) {
      const count = (left.get(other) ?? 0) - 1;
      left.set(other, count);
      if (count === 0) free.push(other);
    }
  }
  return [...left.keys()];
}

export function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
