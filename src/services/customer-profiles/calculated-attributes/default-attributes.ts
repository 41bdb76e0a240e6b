import type { Conditions, Filter, FilterAttributeDimension } from "@aws-sdk/client-customer-profiles";
import type { Unit } from "../../../store/store.ts";
import type { Domain } from "../domain.ts";
import { AGE, type CalculatedAttribute, calculatedAttributeKey, calculatedAttributes } from "./calculated-attribute.ts";

/**
 * The calculated attributes that every domain begins with: Administrator Guide, "Default calculated attributes in Amazon Connect Customer
 * Profiles". They can be deleted, and come back only where somebody creates them again.
 */
type Default = readonly [
  name: string,
  expression: string,
  statistic: CalculatedAttribute["statistic"],
  more?: Pick<CalculatedAttribute, "conditions" | "filter">,
];

const MONTH: Conditions = { Range: { Value: 30, Unit: "DAYS" } };

const HOLD_TIME = "{CTR.agent.customerHoldDurationMillis} + {CTR.queue.durationMillis}";
const RECORD_ID = "{_communicationRecord.CommunicationRecordId}";

function only(values: Readonly<Record<string, string>>): Filter {
  const attributes: Record<string, FilterAttributeDimension> = {};
  for (const [path, value] of Object.entries(values))
    attributes[path] = { DimensionType: "INCLUSIVE", Values: [value] };
  return { Include: "ALL", Groups: [{ Type: "ALL", Dimensions: [{ Attributes: attributes }] }] };
}

/** Communication records of a channel that have had an event. */
function messages(subtype: string, event: string): { readonly filter: Filter } {
  return { filter: only({ "Attributes.ChannelSubType": subtype, [`Events.${event}.EventType`]: event }) };
}

const DEFAULTS: readonly Default[] = [
  ["_most_frequent_channel", "{CTR.channel}", "MAX_OCCURRENCE", { conditions: MONTH }],
  ["_last_channel", "{CTR.channel}", "LAST_OCCURRENCE"],
  ["_last_agent_id", "{CTR.agent.id}", "LAST_OCCURRENCE"],
  [
    "_frequent_caller",
    "{CTR.contactId}",
    "COUNT",
    { conditions: { ...MONTH, Threshold: { Operator: "GREATER_THAN", Value: "5" } } },
  ],
  ["_average_hold_time", HOLD_TIME, "AVERAGE", { conditions: MONTH }],
  ["_maximum_hold_time", HOLD_TIME, "MAXIMUM", { conditions: MONTH }],
  ["_average_call_duration", "{CTR.disconnectTimestamp} - {CTR.initiationTimestamp}", "AVERAGE", { conditions: MONTH }],
  ["_new_customer", "{_profile.createdAt}", AGE, { conditions: { Threshold: { Operator: "LESS_THAN", Value: "30" } } }],
  ["_assets_count", "{_asset.AssetId}", "COUNT"],
  ["_assets_price_sum", "{_asset.Price}", "SUM"],
  ["_assets_price_average", "{_asset.Price}", "AVERAGE"],
  ["_asset_first_occurrence", "{_asset.PurchaseDate}", "FIRST_OCCURRENCE"],
  ["_asset_last_occurrence", "{_asset.PurchaseDate}", "LAST_OCCURRENCE"],
  ["_assets_name_first_occurrence", "{_asset.AssetName}", "FIRST_OCCURRENCE"],
  ["_assets_name_last_occurrence", "{_asset.AssetName}", "LAST_OCCURRENCE"],
  ["_cases_count", "{_case.CaseId}", "COUNT"],
  ["_cases_open_status_count", "{_case.CaseId}", "COUNT", { filter: only({ Status: "Open" }) }],
  ["_cases_closed_status_count", "{_case.CaseId}", "COUNT", { filter: only({ Status: "Closed" }) }],
  ["_case_first_occurrence", "{_case.CreatedDate}", "FIRST_OCCURRENCE"],
  ["_case_last_occurrence", "{_case.CreatedDate}", "LAST_OCCURRENCE"],
  ["_orders_count", "{_order.OrderId}", "COUNT"],
  ["_orders_total_price_sum", "{_order.TotalPrice}", "SUM"],
  ["_orders_total_price_average", "{_order.TotalPrice}", "AVERAGE"],
  ["_order_first_occurrence", "{_order.CreatedDate}", "FIRST_OCCURRENCE"],
  ["_order_last_occurrence", "{_order.CreatedDate}", "LAST_OCCURRENCE"],
  [
    "_campaign_email_last_open",
    "{_communicationRecord.Events.Open.UpdatedDate}",
    "LAST_OCCURRENCE",
    messages("connect:Email", "Open"),
  ],
  ["_campaign_email_open_count", RECORD_ID, "COUNT", messages("connect:Email", "Open")],
  ["_campaign_email_delivery_count", RECORD_ID, "COUNT", messages("connect:Email", "Delivery")],
  ["_campaign_sms_delivery_count", RECORD_ID, "COUNT", messages("connect:SMS", "TEXT_DELIVERED")],
  [
    "_campaign_sms_last_stop",
    "{_communicationRecord.Events.TEXT_BLOCKED.UpdatedDate}",
    "LAST_OCCURRENCE",
    { filter: only({ "Attributes.ChannelSubType": "connect:SMS" }) },
  ],
  [
    "_campaign_sms_last_stop_carrier",
    "{_communicationRecord.Events.TEXT_CARRIER_BLOCKED.UpdatedDate}",
    "LAST_OCCURRENCE",
    { filter: only({ "Attributes.ChannelSubType": "connect:SMS" }) },
  ],
];

/** Creates the attributes of a new domain, in its unit. */
export function putDefaultAttributes(unit: Unit, domain: Domain): void {
  for (const attribute of defaultAttributes(domain)) {
    unit.put(calculatedAttributes, calculatedAttributeKey(attribute), attribute);
  }
}

/** The attributes of a new domain: complete, since it has no objects yet. */
function defaultAttributes({ uid, createdMs }: Domain): readonly CalculatedAttribute[] {
  return DEFAULTS.map(([name, expression, statistic, more]) => ({
    uid,
    name,
    id: name,
    displayName: displayNameOf(name),
    details: { Attributes: attributesIn(expression), Expression: expression },
    statistic,
    ...more,
    isDefault: true,
    completeFromMs: 0,
    createdMs,
    updatedMs: createdMs,
    tags: {},
  }));
}

/** `_last_agent_id` as `Last agent id`. */
function displayNameOf(name: string): string {
  const words = name.slice(1).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function attributesIn(expression: string): { readonly Name: string }[] {
  return Array.from(expression.matchAll(/\.([^{}]+)\}/g), ([, Name = ""]) => ({ Name }));
}
