import type {
  CreateTemplateRequest,
  CreateTemplateResponse,
  DeleteTemplateRequest,
  DeleteTemplateResponse,
  GetTemplateRequest,
  GetTemplateResponse,
  ListTemplatesRequest,
  ListTemplatesResponse,
  TagPropagationConfiguration,
  TemplateSummary,
  UpdateTemplateRequest,
  UpdateTemplateResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { caseRuleKey, caseRules, findCaseRule } from "./case-rule.ts";
import { type Domain, getDomain, inDomain } from "./domain.ts";
import { conflict, invalid, invalidNextToken } from "./errors.ts";
import { type Field, liveFieldIds, requireFields, SYSTEM_FIELDS } from "./field.ts";
import { findLayout, layoutKey, layouts } from "./layout.ts";
import { commitNamed } from "./named.ts";
import { requireRoom } from "./quotas.ts";
import { putRuleUses } from "./rule-use.ts";
import { getLiveTemplate, getTemplate, type Template, templateArn, templateKey, templates } from "./template.ts";

const PAGE_SIZE = 100;

export async function createTemplate(
  input: Validated<CreateTemplateRequest>,
  context: Context,
): Promise<CreateTemplateResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return commitNamed(context, `Template ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    await requireReferences(unit, domain, input);
    await requireRoom(unit, context, domain, {
      quota: "cases.templates-per-domain",
      collection: templates,
      index: "name",
      prefix: inDomain(domain, ""),
    });
    putTemplate(unit, undefined, {
      domainId: domain.domainId,
      id,
      name: input.name,
      description: input.description,
      layoutId: input.layoutConfiguration?.defaultLayout,
      requiredFields: input.requiredFields?.map(({ fieldId }) => fieldId) ?? [],
      status: input.status ?? "Active",
      rules: input.rules ?? [],
      caseTags: caseTagsOf(input.tagPropagationConfigurations),
      createdMs: nowMs,
      updatedMs: nowMs,
      tags: {},
    });
    return { templateId: id, templateArn: templateArn(domain, id) };
  });
}

/** Deleted ones too. Fields that are deleted by now are left out. */
export async function getTemplateOperation(
  input: Validated<GetTemplateRequest>,
  context: Context,
): Promise<GetTemplateResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const template = await getTemplate(context.store, domain, input.templateId);
  const { layoutId, requiredFields, rules } = template;
  const named = [...requiredFields, ...rules.flatMap(({ fieldId }) => fieldId ?? [])];
  const live = await liveFieldIds(context.store, domain, named);
  return {
    ...summary(domain, template),
    description: template.description,
    layoutConfiguration: layoutId === undefined ? undefined : { defaultLayout: layoutId },
    requiredFields: requiredFields.filter((fieldId) => live.has(fieldId)).map((fieldId) => ({ fieldId })),
    rules: rules.filter(({ fieldId }) => fieldId === undefined || live.has(fieldId)),
    deleted: template.isDeleted ?? false,
    createdTime: new Date(template.createdMs),
    lastModifiedTime: new Date(template.updatedMs),
    tags: { ...template.tags },
  };
}

/** In the order of their names. */
export async function listTemplates(
  input: Validated<ListTemplatesRequest>,
  context: Context,
): Promise<ListTemplatesResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const statuses = [...new Set(input.status)].sort();
  const page = await listPage(
    context.store,
    {
      collection: templates,
      index: "name",
      under: [domain.domainId],
      nameOf: ({ name }) => name,
      keep: ({ status }) => statuses.length === 0 || statuses.includes(status),
    },
    {
      of: ["cases ListTemplates", domain.domainId, statuses],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { templates: page.items.map((template) => summary(domain, template)), nextToken: page.nextToken };
}

/** Changes what is given and keeps the rest; a list takes the place of the one that was there. */
export async function updateTemplate(
  input: Validated<UpdateTemplateRequest>,
  context: Context,
): Promise<UpdateTemplateResponse> {
  await commitNamed(context, `Template ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    requireChange(input);
    const old = await getLiveTemplate(unit, domain, input.templateId);
    await requireReferences(unit, domain, input);
    const { layoutConfiguration: layout, tagPropagationConfigurations: propagated } = input;
    putTemplate(unit, old, {
      ...old,
      name: input.name ?? old.name,
      description: input.description ?? old.description,
      layoutId: layout ? layout.defaultLayout : old.layoutId,
      requiredFields: input.requiredFields?.map(({ fieldId }) => fieldId) ?? old.requiredFields,
      status: input.status ?? old.status,
      rules: input.rules ?? old.rules,
      caseTags: propagated ? caseTagsOf(propagated) : old.caseTags,
      updatedMs: context.clock.now(),
    });
  });
  return {};
}

/** No case is created by it from now on; those that are there live on, and its name is free. */
export async function deleteTemplate(
  input: Validated<DeleteTemplateRequest>,
  context: Context,
): Promise<DeleteTemplateResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const template = await getLiveTemplate(unit, domain, input.templateId);
    await requireRoom(unit, context, domain, {
      quota: "cases.deleted-templates-per-domain",
      refuse: conflict,
      collection: templates,
      index: "deleted",
      prefix: inDomain(domain, ""),
    });
    putTemplate(unit, template, { ...template, isDeleted: true, updatedMs: context.clock.now() });
  });
  return {};
}

function putTemplate(unit: Unit, before: Template | undefined, after: Template): void {
  unit.put(templates, templateKey(after), after);
  putRuleUses(unit, before, after);
}

type Sent = Omit<Validated<UpdateTemplateRequest>, "domainId" | "templateId">;

function requireChange({ name, description, layoutConfiguration, requiredFields, status, rules, ...rest }: Sent): void {
  const members = [name, description, layoutConfiguration, requiredFields, status, rules];
  if ([...members, rest.tagPropagationConfigurations].every((member) => member === undefined)) {
    throw invalid("At least one attribute must be given");
  }
}

/**
 * Throws `ValidationException` for a layout, a field or a case rule that cannot be used. Layout and rules are written as they are: whoever deletes
 * one lists the templates that use it, and what is only listed is not checked when a unit commits.
 */
async function requireReferences(
  unit: Unit,
  domain: Domain,
  { layoutConfiguration, requiredFields = [], rules = [] }: Sent,
): Promise<void> {
  await requireLayout(unit, domain, layoutConfiguration?.defaultLayout);
  const ids = requiredFields.map(({ fieldId }) => fieldId);
  const twice = ids.find((id, place) => ids.indexOf(id) !== place);
  if (twice !== undefined) throw invalid(`requiredFields: ${twice} is there twice`);
  const required = await requireFields(unit, domain, ids, "requiredFields");
  for (const field of required.values()) requireSettable(field, "requiredFields");
  await requireRules(unit, domain, rules);
}

async function requireLayout(unit: Unit, domain: Domain, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const layout = await findLayout(unit, domain, id);
  if (!layout || layout.isDeleted) throw invalid(`layoutConfiguration: there is no layout ${id}`);
  unit.put(layouts, layoutKey(layout), layout);
}

/** Throws for a field that the service fills in: a case could lack it for ever. */
function requireSettable({ id, namespace }: Field, place: string): void {
  const isFilledIn = SYSTEM_FIELDS.some((field) => field.id === id && !field.isWritable);
  if (namespace === "System" && isFilledIn) {
    throw invalid(`${place}: ${id} is filled in by the service and cannot be required`);
  }
}

async function requireRules(unit: Unit, domain: Domain, rules: Template["rules"]): Promise<void> {
  const ids = rules.flatMap(({ fieldId }) => fieldId ?? []);
  const fields = await requireFields(unit, domain, ids, "rules");
  const seen = new Set<string>();
  for (const { caseRuleId, fieldId } of rules) {
    const found = await findCaseRule(unit, domain, caseRuleId);
    if (!found) throw invalid(`rules: there is no case rule ${caseRuleId}`);
    unit.put(caseRules, caseRuleKey(found), found);
    const { rule } = found;
    const field = fieldId === undefined ? undefined : fields.get(fieldId);
    // A rule about options names its fields itself.
    if (!field && !rule.fieldOptions)
      throw invalid(`rules: case rule ${caseRuleId} needs a fieldId that it applies to`);
    if (field && rule.required) requireSettable(field, "rules");
    const use = JSON.stringify([caseRuleId, fieldId]);
    if (seen.has(use)) throw invalid(`rules: case rule ${caseRuleId} is there twice for the same field`);
    seen.add(use);
  }
}

function caseTagsOf(
  configurations: readonly Validated<TagPropagationConfiguration>[] | undefined,
): Template["caseTags"] {
  return configurations?.[0]?.tagMap;
}

function summary(domain: Domain, { id, name, status, caseTags }: Template): TemplateSummary {
  return {
    templateId: id,
    templateArn: templateArn(domain, id),
    name,
    status,
    ...(caseTags && { tagPropagationConfigurations: [{ resourceType: "Cases", tagMap: { ...caseTags } }] }),
  };
}
