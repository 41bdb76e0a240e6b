import type { Centre } from "../set-up.ts";
import type { DemoStage } from "./stage.ts";

/** A Cases domain, and what rules need of it. */
export interface DemoCases {
  readonly domainId: string;
  readonly templateId: string;
  readonly productField: string;
}

/** A Cases domain that the instance is bound to: fields with options, a layout, a template that requires a title, and a few open cases. */
export async function buildCases(stage: DemoStage, { instanceId }: Pick<Centre, "instanceId">): Promise<DemoCases> {
  const { name, call } = stage;
  const { domainId, domainArn } = await call("connectcases", "CreateDomain", { name });
  const cases = (operation: string, input: object) => call("connectcases", operation, { domainId, ...input });
  await call("connect", "CreateIntegrationAssociation", {
    InstanceId: instanceId,
    IntegrationType: "CASES_DOMAIN",
    IntegrationArn: domainArn,
  });
  const field = async (title: string, type: string): Promise<string> =>
    (await cases("CreateField", { name: title, type })).fieldId;
  const productField = await field("Product", "SingleSelect");
  const amountField = await field("Amount in question", "Number");
  const options = (...values: string[]) => values.map((value) => ({ name: value, value, active: true }));
  await cases("BatchPutFieldOptions", { fieldId: productField, options: options("Hub", "Lamp", "Thermostat", "Bill") });
  await cases("BatchPutFieldOptions", { fieldId: "case_reason", options: options("Billing", "Delivery", "Broken") });
  await cases("BatchPutFieldOptions", { fieldId: "status", options: options("waiting") });
  const section = (title: string, ...ids: string[]) => ({
    fieldGroup: { name: title, fields: ids.map((id) => ({ id })) },
  });
  const { layoutId } = await cases("CreateLayout", {
    name: "Northwind",
    content: {
      basic: {
        topPanel: { sections: [section("Case", "title", "status", "case_reason")] },
        moreInfo: { sections: [section("Details", productField, amountField, "summary")] },
      },
    },
  });
  const { templateId } = await cases("CreateTemplate", {
    name: "Customer matter",
    description: "What could not be settled at once",
    layoutConfiguration: { defaultLayout: layoutId },
    requiredFields: [{ fieldId: "title" }],
  });
  const included = ["title", "status", "case_reason", productField].map((id) => ({ id }));
  await cases("PutCaseEventConfiguration", {
    eventBridge: {
      enabled: true,
      includedData: { caseData: { fields: included }, relatedItemData: { includeContent: true } },
    },
  });
  return { domainId, templateId, productField };
}

/** Some that are there before anybody calls: once rules watch, so that they get their service levels. */
export async function openCases(
  { name, account, region, call }: DemoStage,
  { domainId, templateId, productField }: DemoCases,
): Promise<void> {
  const profileArn = (id: string) => `arn:aws:profile:${region}:${account}:domains/${name}/profiles/${id}`;
  const KeyName = "customerKey";
  for (const [customer, title, reason, product] of MATTERS) {
    const { Items = [] } = await call("customer-profiles", "SearchProfiles", {
      DomainName: name,
      KeyName,
      Values: [customer],
    });
    const fields = [
      { id: "title", value: { stringValue: title } },
      { id: "case_reason", value: { stringValue: reason } },
      { id: productField, value: { stringValue: product } },
      ...(Items[0] ? [{ id: "customer_id", value: { stringValue: profileArn(Items[0].ProfileId) } }] : []),
    ];
    const { caseId } = await call("connectcases", "CreateCase", { domainId, templateId, fields });
    const comment = { body: `${customer} has written twice about it.`, contentType: "Text/Plain" };
    await call("connectcases", "CreateRelatedItem", { domainId, caseId, type: "Comment", content: { comment } });
  }
}

const MATTERS = [
  ["NW-4001", "Lamp arrived cracked", "Broken", "Lamp"],
  ["NW-4007", "Charged twice in one month", "Billing", "Bill"],
  ["NW-4012", "Hub lost by the parcel service", "Delivery", "Hub"],
  ["NW-4020", "Thermostat shows a wrong temperature", "Broken", "Thermostat"],
] as const;
