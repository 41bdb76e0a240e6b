/** Reads templates for whoever asks: where they come from, what they need. */
import type {
  Capability,
  GetTemplateInput,
  GetTemplateOutput,
  GetTemplateSummaryInput,
  GetTemplateSummaryOutput,
  Parameter,
  ValidateTemplateInput,
  ValidateTemplateOutput,
} from "@aws-sdk/client-cloudformation";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getChangeSet } from "./change-set.ts";
import { validationError } from "./errors.ts";
import { lookUpParameters } from "./parameter-store.ts";
import { findResourceType } from "./resource-types/index.ts";
import { openParameters, sealParameters } from "./secrets.ts";
import { type Description, getStack, type Stack } from "./stack.ts";
import { declaredParameters, parameterTexts, parameterValues } from "./template/parameters.ts";
import { checkRules } from "./template/resolve.ts";
import { parseTemplate, type Template } from "./template/template.ts";
import { readTemplateUrl } from "./template-url.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const BODY_BYTES_MAX = 51_200;

export interface Given {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
  readonly Parameters?: readonly Parameter[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
  readonly Tags?: Description["tags"] | undefined;
}

/** The text of the template that a request brings, names or leaves as it is. */
export async function templateText(given: Given, context: Context, before?: Stack): Promise<string> {
  const { TemplateBody, TemplateURL, UsePreviousTemplate } = given;
  if ([TemplateBody, TemplateURL, UsePreviousTemplate || undefined].filter((one) => one !== undefined).length !== 1) {
    throw validationError("Either Template URL or Template Body must be specified.");
  }
  if (TemplateURL !== undefined) return readTemplateUrl(TemplateURL, context);
  if (TemplateBody !== undefined) {
    if (Buffer.byteLength(TemplateBody) > BODY_BYTES_MAX) {
      throw validationError(
        `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${BODY_BYTES_MAX}`,
      );
    }
    return TemplateBody;
  }
  if (before === undefined) throw validationError("There is no previous template.");
  return before.templateText;
}

/** What a request describes, held against all that can be known before a resource is touched. */
export async function describedBy(given: Given, context: Context, before?: Stack): Promise<Description> {
  const text = await templateText(given, context, before);
  const template = parseTemplate(text);
  checkTypes(template);
  const earlier = before && openParameters(context, before, before);
  const parameters = parameterTexts(template, given.Parameters ?? [], earlier);
  checkCapabilities(template, given.Capabilities ?? []);
  const looked = await lookUpParameters(template, parameters, context);
  const described = {
    templateText: text,
    ...sealParameters(context, template, parameters),
    ...(looked && { looked }),
    tags: given.Tags ?? before?.tags ?? [],
  };
  checkRules({
    template,
    parameters: {
      ...parameterValues(template, { ...parameters, ...looked }),
      "AWS::AccountId": context.account,
      "AWS::Region": context.region,
      "AWS::Partition": "aws",
    },
    findPhysicalId: () => undefined,
    findAttribute: () => undefined,
    findExport: () => undefined,
    held: new Map(),
  });
  return described;
}

function checkTypes({ resources }: Template): void {
  const unknown = new Set(Object.values(resources).flatMap(({ type }) => (findResourceType(type) ? [] : [type])));
  if (unknown.size > 0) {
    throw validationError(`Template format error: Unrecognized resource types: [${[...unknown].join(", ")}]`);
  }
}

/** Which acknowledgements a template needs, and for which types. */
export function capabilitiesOf({ resources }: Template): {
  readonly needed: Capability | undefined;
  readonly types: string[];
} {
  const found = Object.values(resources).filter(({ type }) => IAM_TYPES.test(type));
  const isNamed = found.some(({ properties }) => NAME_PROPERTIES.some((name) => Object.hasOwn(properties, name)));
  const types = [...new Set(found.map(({ type }) => type))];
  return { types, needed: found.length === 0 ? undefined : isNamed ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM" };
}

const IAM_TYPES = /^AWS::IAM::(AccessKey|Group|InstanceProfile|ManagedPolicy|Policy|Role|User|UserToGroupAddition)$/;
const NAME_PROPERTIES = ["RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"];

function checkCapabilities(template: Template, given: readonly string[]): void {
  const { needed } = capabilitiesOf(template);
  if (needed === undefined || given.includes("CAPABILITY_NAMED_IAM")) return;
  if (needed === "CAPABILITY_IAM" && given.includes(needed)) return;
  throw new ModeledError("InsufficientCapabilitiesException", `Requires capabilities : [${needed}]`);
}

export async function getTemplate(input: Validated<GetTemplateInput>, context: Context): Promise<GetTemplateOutput> {
  const { StackName, ChangeSetName } = input;
  if (ChangeSetName !== undefined) {
    const changeSet = await getChangeSet(context.store, context, ChangeSetName, StackName);
    return { TemplateBody: changeSet.described.templateText, StagesAvailable: ["Original", "Processed"] };
  }
  if (StackName === undefined) throw validationError("Either StackName or ChangeSetName must be specified.");
  const stack = await getStack(context.store, context, StackName);
  return { TemplateBody: stack.templateText, StagesAvailable: ["Original", "Processed"] };
}

export async function getTemplateSummary(
  input: Validated<GetTemplateSummaryInput>,
  context: Context,
): Promise<GetTemplateSummaryOutput> {
  const { StackName } = input;
  const text =
    StackName === undefined
      ? await templateText(input, context)
      : (await getStack(context.store, context, StackName)).templateText;
  const template = parseTemplate(text);
  const resourceTypes = [...new Set(Object.values(template.resources).map(({ type }) => type))];
  return {
    ...summary(template),
    Parameters: declaredParameters(template),
    ResourceTypes: resourceTypes,
    Version: "2010-09-09",
    ...(template.metadata !== undefined && { Metadata: JSON.stringify(template.metadata) }),
  };
}

export async function validateTemplate(
  input: Validated<ValidateTemplateInput>,
  context: Context,
): Promise<ValidateTemplateOutput> {
  const template = parseTemplate(await templateText(input, context));
  checkTypes(template);
  return {
    ...summary(template),
    Parameters: declaredParameters(template).map(({ ParameterKey, DefaultValue, NoEcho, Description }) => ({
      ParameterKey,
      DefaultValue,
      NoEcho,
      Description,
    })),
  };
}

function summary(
  template: Template,
): Pick<ValidateTemplateOutput, "Description" | "Capabilities" | "CapabilitiesReason"> {
  const { needed, types } = capabilitiesOf(template);
  return {
    ...(template.description !== undefined && { Description: template.description }),
    ...(needed && {
      Capabilities: [needed],
      CapabilitiesReason: `The following resource(s) require capabilities: [${types.join(", ")}]`,
    }),
  };
}
