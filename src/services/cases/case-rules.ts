import type {
  BatchGetCaseRuleRequest,
  BatchGetCaseRuleResponse,
  CaseRuleDetails,
  CaseRuleSummary,
  CreateCaseRuleRequest,
  CreateCaseRuleResponse,
  DeleteCaseRuleRequest,
  DeleteCaseRuleResponse,
  FieldOptionsCaseRule,
  GetCaseRuleResponse,
  ListCaseRulesRequest,
  ListCaseRulesResponse,
  RuleType,
  UpdateCaseRuleRequest,
  UpdateCaseRuleResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type CaseRule, caseRuleArn, caseRuleKey, caseRules, findCaseRule, getCaseRule } from "./case-rule.ts";
import { type Domain, getDomain, inDomain } from "./domain.ts";
import { conflict, invalid, invalidNextToken } from "./errors.ts";
import { requireFields } from "./field.ts";
import { commitNamed } from "./named.ts";
import { requireRoom } from "./quotas.ts";
import { checkedConditions, fieldsOfConditions } from "./rule-condition.ts";
import { findRuleUse } from "./rule-use.ts";

const PAGE_SIZE = 100;

/** Creates a rule, which does nothing until a template applies it. */
export async function createCaseRule(
  input: Validated<CreateCaseRuleRequest>,
  context: Context,
): Promise<CreateCaseRuleResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return commitNamed(context, `Case rule ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const rule = await checkedRule(unit, domain, input.rule);
    await requireRoom(unit, context, domain, {
      quota: "cases.case-rules-per-domain",
      collection: caseRules,
      prefix: inDomain(domain, ""),
    });
    unit.put(caseRules, caseRuleKey({ domainId: domain.domainId, id }), {
      domainId: domain.domainId,
      id,
      name: input.name,
      description: input.description,
      rule,
      createdMs: nowMs,
      updatedMs: nowMs,
      tags: {},
    });
    return { caseRuleId: id, caseRuleArn: caseRuleArn(domain, id) };
  });
}

/** In the order of the request; those that are not there are told apart. */
export async function batchGetCaseRule(
  input: Validated<BatchGetCaseRuleRequest>,
  context: Context,
): Promise<BatchGetCaseRuleResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const found: GetCaseRuleResponse[] = [];
  const errors: BatchGetCaseRuleResponse["errors"] = [];
  for (const { id } of input.caseRules) {
    const rule = await findCaseRule(context.store, domain, id);
    if (rule) found.push(described(domain, rule));
    else errors.push({ id, errorCode: "ResourceNotFoundException", message: `Case rule ${id} was not found` });
  }
  return { caseRules: found, errors, unprocessedCaseRules: [] };
}

/** In the order of their names. */
export async function listCaseRules(
  input: Validated<ListCaseRulesRequest>,
  context: Context,
): Promise<ListCaseRulesResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const page = await listPage(
    context.store,
    { collection: caseRules, index: "name", under: [domain.domainId], nameOf: ({ name }) => name },
    {
      of: ["cases ListCaseRules", domain.domainId],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { caseRules: page.items.map((rule) => summary(domain, rule)), nextToken: page.nextToken };
}

/** Changes what is given and keeps the rest. A rule stays of its kind, since templates apply it as one of that. */
export async function updateCaseRule(
  input: Validated<UpdateCaseRuleRequest>,
  context: Context,
): Promise<UpdateCaseRuleResponse> {
  await commitNamed(context, `Case rule ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const old = await getCaseRule(unit, domain, input.caseRuleId);
    const rule = input.rule ? await checkedRule(unit, domain, input.rule) : old.rule;
    if (ruleType(rule) !== ruleType(old.rule)) {
      throw invalid(`rule: case rule ${old.id} is of type ${ruleType(old.rule)} and cannot become ${ruleType(rule)}`);
    }
    unit.put(caseRules, caseRuleKey(old), {
      ...old,
      name: input.name ?? old.name,
      description: input.description ?? old.description,
      rule,
      updatedMs: context.clock.now(),
    });
  });
  return {};
}

/** Refuses to delete a rule that a template applies. */
export async function deleteCaseRule(
  input: Validated<DeleteCaseRuleRequest>,
  context: Context,
): Promise<DeleteCaseRuleResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const rule = await getCaseRule(unit, domain, input.caseRuleId);
    const use = await findRuleUse(unit, rule);
    if (use) throw conflict(`Case rule ${rule.id} is used by template ${use.templateId}`);
    unit.delete(caseRules, caseRuleKey(rule));
  });
  return {};
}

/** A rule as it is stored. `ValidationException` for fields that are not there and conditions that do not fit them. */
async function checkedRule(
  unit: Unit,
  domain: Domain,
  rule: Validated<CaseRuleDetails>,
): Promise<Validated<CaseRuleDetails>> {
  if (rule.fieldOptions) {
    await requireOptionFields(unit, domain, rule.fieldOptions);
    return rule;
  }
  const conditional = rule.required ?? rule.hidden;
  if (!conditional) return rule;
  const fields = await requireFields(unit, domain, fieldsOfConditions(conditional.conditions), "rule");
  const checked = { ...conditional, conditions: checkedConditions(conditional.conditions, fields) };
  return rule.required ? { required: checked } : { hidden: checked };
}

async function requireOptionFields(
  unit: Unit,
  domain: Domain,
  { parentFieldId, childFieldId, parentChildFieldOptionsMappings: mappings }: Validated<FieldOptionsCaseRule>,
): Promise<void> {
  if (parentFieldId === undefined || childFieldId === undefined) {
    throw invalid("rule: fieldOptions needs a parentFieldId and a childFieldId");
  }
  if (parentFieldId === childFieldId) throw invalid("rule: a field's options cannot depend on themselves");
  const fields = await requireFields(unit, domain, [parentFieldId, childFieldId], "rule");
  for (const { id, type } of fields.values()) {
    if (type !== "SingleSelect") throw invalid(`rule: field ${id} is of type ${type} and has no options`);
  }
  const parents = mappings.map(({ parentFieldOptionValue }) => parentFieldOptionValue);
  const twice = parents.find((value, place) => parents.indexOf(value) !== place);
  if (twice !== undefined) throw invalid(`rule: option ${twice} of ${parentFieldId} is mapped twice`);
}

function ruleType({ required, hidden }: CaseRule["rule"]): RuleType {
  if (required) return "Required";
  return hidden ? "Hidden" : "FieldOptions";
}

function summary(domain: Domain, { id, name, rule, description }: CaseRule): CaseRuleSummary {
  return { caseRuleId: id, name, caseRuleArn: caseRuleArn(domain, id), ruleType: ruleType(rule), description };
}

function described(domain: Domain, { id, name, rule, description, ...stored }: CaseRule): GetCaseRuleResponse {
  return {
    caseRuleId: id,
    name,
    caseRuleArn: caseRuleArn(domain, id),
    rule,
    description,
    deleted: false,
    createdTime: new Date(stored.createdMs),
    lastModifiedTime: new Date(stored.updatedMs),
    tags: { ...stored.tags },
  };
}
