import { docs, type Kind } from "../kind.ts";

const DOMAIN = { domainId: "Id" };

export const casesKinds: readonly Kind[] = [
  {
    section: "CaseDomains",
    model: "connectcases",
    name: "name",
    attributes: { Id: ["domainId"], Arn: ["domainArn"] },
    list: { operation: "ListDomains", items: "domains", name: "name" },
    read: { operation: "GetDomain", input: { domainId: "Id" } },
    create: { operation: "CreateDomain" },
    changes: [{ operation: "PutCaseEventConfiguration", input: { domainId: "Id" } }],
    more: [
      {
        operation: "GetCaseEventConfiguration",
        input: { domainId: "Id" },
        members: ({ eventBridge }) => ({ eventBridge }),
      },
    ],
  },
  {
    section: "CaseFields",
    model: "connectcases",
    parent: "CaseDomains",
    name: "name",
    within: DOMAIN,
    attributes: { Id: ["fieldId"], Arn: ["fieldArn"] },
    list: { operation: "ListFields", items: "fields", name: "name" },
    read: {
      operation: "BatchGetField",
      at: ["fields", "0"],
      input: {},
      inputOf: ({ Id }) => ({ fields: [{ id: Id }] }),
    },
    create: { operation: "CreateField" },
    changes: [
      { operation: "UpdateField", input: { fieldId: "Id" } },
      {
        operation: "BatchPutFieldOptions",
        input: { fieldId: "Id" },
        failure: (output) => docs(output, "errors").map(({ value, message }) => `${value}: ${message}`)[0],
      },
    ],
    more: [
      {
        operation: "ListFieldOptions",
        input: { fieldId: "Id" },
        members: ({ options }) => ({ options }),
      },
    ],
    isOwn: ({ namespace }) => namespace === "Custom",
  },
  {
    section: "CaseLayouts",
    model: "connectcases",
    parent: "CaseDomains",
    name: "name",
    within: DOMAIN,
    attributes: { Id: ["layoutId"], Arn: ["layoutArn"] },
    list: { operation: "ListLayouts", items: "layouts", name: "name" },
    read: { operation: "GetLayout", input: { layoutId: "Id" } },
    create: { operation: "CreateLayout" },
    changes: [{ operation: "UpdateLayout", input: { layoutId: "Id" } }],
    refs: { id: "CaseFields" },
  },
  {
    section: "CaseRules",
    model: "connectcases",
    parent: "CaseDomains",
    name: "name",
    within: DOMAIN,
    attributes: { Id: ["caseRuleId"], Arn: ["caseRuleArn"] },
    list: { operation: "ListCaseRules", items: "caseRules", name: "name" },
    read: {
      operation: "BatchGetCaseRule",
      at: ["caseRules", "0"],
      input: {},
      inputOf: ({ Id }) => ({ caseRules: [{ id: Id }] }),
    },
    create: { operation: "CreateCaseRule" },
    changes: [{ operation: "UpdateCaseRule", input: { caseRuleId: "Id" } }],
    refs: { fieldId: "CaseFields", parentFieldId: "CaseFields", childFieldId: "CaseFields" },
  },
  {
    section: "CaseTemplates",
    model: "connectcases",
    parent: "CaseDomains",
    name: "name",
    within: DOMAIN,
    attributes: { Id: ["templateId"], Arn: ["templateArn"] },
    list: { operation: "ListTemplates", items: "templates", name: "name" },
    read: { operation: "GetTemplate", input: { templateId: "Id" } },
    create: { operation: "CreateTemplate" },
    changes: [{ operation: "UpdateTemplate", input: { templateId: "Id" } }],
    refs: { defaultLayout: "CaseLayouts", fieldId: "CaseFields", caseRuleId: "CaseRules" },
  },
];
