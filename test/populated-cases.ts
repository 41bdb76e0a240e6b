import { type As, call } from "./model-call.ts";

/**
 * A Cases domain with one of everything: fields with options, a layout, a rule, a template that has them, two cases, related items of every type,
 * and what events tell of them. `secret` stands wherever a text can.
 */
export async function populateCases(
  url: string,
  name: string,
  as: As,
  { contactArn, secret }: { readonly contactArn: string; readonly secret: string },
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const { domainId, domainArn } = await call(url, "connectcases", "CreateDomain", { name }, as);
  const cases = (operation: string, input: object) => call(url, "connectcases", operation, { domainId, ...input }, as);

  const field = async (title: string, type: string): Promise<string> => {
    const { fieldId } = await cases("CreateField", { name: `${title} ${secret}`, description: secret, type });
    return fieldId;
  };
  const text = await field("Remark", "Text");
  const depot = await field("Depot", "SingleSelect");
  const options = [{ name: secret, value: secret, active: true }];
  for (const fieldId of [depot, "case_reason"]) await cases("BatchPutFieldOptions", { fieldId, options });
  const fieldGroup = { name: secret, fields: [{ id: text }] };
  const content = { basic: { topPanel: { sections: [{ fieldGroup }] } } };
  const { layoutId, layoutArn } = await cases("CreateLayout", { name: secret, content });
  const equalTo = { operandOne: { fieldId: text }, operandTwo: { stringValue: secret }, result: true };
  const rule = { required: { defaultValue: false, conditions: [{ equalTo }] } };
  const created = await cases("CreateCaseRule", { name: secret, description: secret, rule });
  const { caseRuleId, caseRuleArn } = created;
  const rules = [{ caseRuleId, fieldId: "summary" }];
  const { templateId, templateArn } = await cases("CreateTemplate", {
    name: secret,
    description: secret,
    layoutConfiguration: { defaultLayout: layoutId },
    requiredFields: [{ fieldId: text }],
    rules,
    tagPropagationConfigurations: [{ resourceType: "Cases", tagMap: { note: secret } }],
  });
  const included = { caseData: { fields: [{ id: text }] }, relatedItemData: { includeContent: true } };
  await cases("PutCaseEventConfiguration", { eventBridge: { enabled: true, includedData: included } });

  const values = [text, "title", "summary"].map((id) => ({ id, value: { stringValue: secret } }));
  const opening = { templateId, fields: values, performedBy: { customEntity: secret } };
  const opened = await cases("CreateCase", opening);
  const { caseId, caseArn } = opened;
  const { caseId: second } = await cases("CreateCase", opening);
  const item = (type: string, itemContent: object) =>
    cases("CreateRelatedItem", { caseId, type, content: itemContent, performedBy: { customEntity: secret } });
  const comment = { comment: { body: secret, contentType: "Text/Plain" } };
  const { relatedItemId, relatedItemArn } = await item("Comment", comment);
  await item("Contact", { contact: { contactArn } });
  await item("ConnectCase", { connectCase: { caseId: second } });
  await item("Custom", { custom: { fields: [{ id: text, value: { stringValue: secret } }] } });
  const target = { fieldId: "status", targetFieldValues: [{ stringValue: "closed" }], targetSlaMinutes: 60 };
  await item("Sla", { sla: { slaInputConfiguration: { name: secret, type: "CaseField", ...target } } });
  const arns = [domainArn, `${domainArn}/field/${text}`, templateArn, layoutArn, caseRuleArn, caseArn, relatedItemArn];
  for (const arn of arns) {
    await call(url, "connectcases", "TagResource", { arn, tags: { note: secret } }, as);
  }
  return {
    domainId: [domainId],
    fieldId: [depot, text, "case_reason"],
    layoutId: [layoutId],
    layoutConfiguration: [{ defaultLayout: layoutId }],
    requiredFields: [[{ fieldId: text }]],
    caseRuleId: [caseRuleId],
    caseRules: [[{ id: caseRuleId }]],
    rules: [rules],
    templateId: [templateId],
    caseId: [caseId, second],
    relatedItemId: [relatedItemId],
    contactArn: [contactArn],
    fields: [[{ id: text }], ["title", text].map((id) => ({ id, value: { stringValue: "mine" } }))],
    options: [[{ name: "mine", value: "mine", active: true }]],
    // Of a layout and of related items.
    content: [content, comment, { connectCase: { caseId: second } }, { contact: { contactArn } }],
    type: ["Comment", "ConnectCase", "Contact", "Text"],
    eventBridge: [{ enabled: true, includedData: included }],
    arn: arns,
    tags: [{ note: "mine" }],
    tagKeys: [["note"]],
  };
}
