/** The mappings that every domain has ready: of contact records, of applications outside, and of campaigns' events (`templates/`). */
import type { ObjectTypeField, ObjectTypeKey } from "@aws-sdk/client-customer-profiles";
import { type ObjectMapping, objectMapping } from "./object-mapping.ts";
import campaign from "./templates/campaign.json" with { type: "json" };
import contactRecords from "./templates/contact-records.json" with { type: "json" };
import marketo from "./templates/marketo.json" with { type: "json" };
import salesforce from "./templates/salesforce.json" with { type: "json" };
import segment from "./templates/segment.json" with { type: "json" };
import servicenow from "./templates/servicenow.json" with { type: "json" };
import shopify from "./templates/shopify.json" with { type: "json" };
import zendesk from "./templates/zendesk.json" with { type: "json" };

export interface ObjectTypeTemplate {
  readonly id: string;
  readonly allowProfileCreation: boolean;
  readonly mapping: ObjectMapping;
}

/** As the API has it. */
interface Definition {
  readonly TemplateId: string;
  readonly AllowProfileCreation: boolean;
  readonly Fields: Readonly<Record<string, ObjectTypeField>>;
  readonly Keys: Readonly<Record<string, readonly ObjectTypeKey[]>>;
}

const DEFINITIONS = [
  campaign,
  contactRecords,
  marketo,
  salesforce,
  segment,
  servicenow,
  shopify,
  zendesk,
].flat() as readonly unknown[] as readonly Definition[];

/** By id, in the order of ids. */
export const objectTypeTemplates: ReadonlyMap<string, ObjectTypeTemplate> = new Map(
  DEFINITIONS.map(
    ({ TemplateId: id, AllowProfileCreation: allowProfileCreation, Fields: fields, Keys: keys }) =>
      [id, { id, allowProfileCreation, mapping: objectMapping({ fields, keys }) }] as const,
  ).toSorted(([one], [other]) => (one < other ? -1 : 1)),
);
