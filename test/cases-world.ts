/** A Cases domain under test, with a template and fields of every type, and all that it has told on the default bus. */
import { after } from "node:test";
import {
  type AuditEvent,
  type AuditEventField,
  BatchPutFieldOptionsCommand,
  ConnectCasesClient,
  CreateCaseCommand,
  type CreateCaseCommandInput,
  CreateDomainCommand,
  CreateFieldCommand,
  CreateRelatedItemCommand,
  type CreateRelatedItemCommandInput,
  CreateTemplateCommand,
  type CreateTemplateCommandInput,
  type EventBridgeConfiguration,
  type FieldValueUnion,
  GetCaseAuditEventsCommand,
  GetCaseCommand,
  PutCaseEventConfigurationCommand,
  type RelatedItemInputContent,
  UpdateCaseCommand,
  type UserUnion,
} from "@aws-sdk/client-connectcases";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { DomainSettings } from "../src/services/cases/domain.ts";
import { type FieldType, SYSTEM_FIELDS } from "../src/services/cases/field.ts";
import type { TestServer } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

/** By their ids, as the API's unions have them. */
export type Values = Readonly<Record<string, FieldValueUnion>>;

/** An event of Cases, as its target gets it. */
export interface CaseBusEvent {
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: CaseEventDetail;
}

export interface CaseEventDetail {
  readonly version: string;
  readonly eventType: string;
  readonly approximateChangeTime: string;
  readonly changedFieldIds?: readonly string[];
  readonly changedAttributes?: readonly string[];
  readonly performedBy: { readonly user?: UserUnion; readonly iamPrincipalArn: string };
  readonly case?: {
    readonly caseId: string;
    readonly templateId: string;
    readonly createdDateTime: string;
    readonly fields?: Readonly<Record<string, { readonly value: FieldValueUnion }>>;
  };
  readonly relatedItem?: {
    readonly relatedItemType: string;
    readonly relatedItemId: string;
    readonly caseId: string;
    readonly createdDateTime: string;
  } & Readonly<Record<string, unknown>>;
}

type Custom = Readonly<Record<FieldType, string>>;

export interface CasesWorld {
  readonly cases: ConnectCasesClient;
  readonly domainId: string;
  readonly domainArn: string;
  readonly templateId: string;
  /** Ids of the custom fields, by the type of each. */
  readonly custom: Custom;
  template(settings: Partial<CreateTemplateCommandInput>): Promise<string>;
  option(fieldId: string, value: string, active?: boolean): Promise<void>;
  /** What of the domain's changes is told. At first all is. */
  configure(eventBridge: EventBridgeConfiguration): Promise<void>;
  /** How it is told, outside of the API. */
  set(settings: DomainSettings): Promise<void>;
  /** Creates a case with a title, and answers with its id. */
  create(values?: Values, more?: Partial<CreateCaseCommandInput>): Promise<string>;
  update(caseId: string, values: Values, performedBy?: UserUnion): Promise<void>;
  /** What a case has of fields; of all that there are, if none is named. */
  values(caseId: string, ids?: readonly string[]): Promise<Values>;
  /** Events of the domain so far, in the order in which they were told. */
  told(): Promise<readonly CaseBusEvent[]>;
}

const FIELD_TYPES: readonly FieldType[] = ["Text", "Number", "Boolean", "DateTime", "SingleSelect", "Url", "User"];

let worlds = 0;

export async function openCases(server: Pick<TestServer, "client" | "url" | "advance">): Promise<CasesWorld> {
  const cases = new ConnectCasesClient(server.client);
  const kinesis = new KinesisClient(server.client);
  const bus = new EventBridgeClient(server.client);
  after(() => {
    for (const client of [cases, kinesis, bus]) client.destroy();
  });
  const name = `cases-${++worlds}`;
  const { domainId = "", domainArn = "" } = await cases.send(new CreateDomainCommand({ name }));
  const custom: Partial<Record<FieldType, string>> = {};
  for (const type of FIELD_TYPES) {
    const { fieldId = "" } = await cases.send(new CreateFieldCommand({ domainId, name: `${type} field`, type }));
    custom[type] = fieldId;
  }
  const option: CasesWorld["option"] = async (fieldId, value, active = true) => {
    const options = [{ name: value, value, active }];
    await cases.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options }));
  };
  await option("status", "waiting");
  for (const value of ["gold", "blue"]) await option(custom.SingleSelect ?? "", value);
  const allIds = [...SYSTEM_FIELDS.map(({ id }) => id), ...Object.values(custom)];
  const configure: CasesWorld["configure"] = async (eventBridge) => {
    await cases.send(new PutCaseEventConfigurationCommand({ domainId, eventBridge }));
  };
  const caseData = { fields: allIds.map((id) => ({ id })) };
  await configure({ enabled: true, includedData: { caseData, relatedItemData: { includeContent: true } } });
  const stream = await createStream(kinesis, name);
  const EventPattern = JSON.stringify({ source: ["aws.cases"], resources: [domainArn] });
  await bus.send(new PutRuleCommand({ Name: name, EventPattern }));
  await bus.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "stream", Arn: stream }] }));

  let made = 0;
  const template: CasesWorld["template"] = async (settings) => {
    const input = { domainId, name: `template ${++made}`, ...settings };
    return (await cases.send(new CreateTemplateCommand(input))).templateId ?? "";
  };
  const templateId = await template({});
  return {
    cases,
    domainId,
    domainArn,
    templateId,
    custom: custom as Custom,
    template,
    configure,
    async set(settings) {
      const path = `/_trunkline/cases/domains/${domainId}`;
      const sketch = { service: "cases", method: "PUT", path, body: JSON.stringify(settings) };
      const { status, body } = await sendSigned(server.url, sketch);
      if (status !== 200) throw new Error(String(body));
    },
    option,
    async create(values = {}, more = {}) {
      const fields = listOf({ title: { stringValue: "Kettle arrived cracked" }, ...values });
      const { caseId = "" } = await cases.send(new CreateCaseCommand({ domainId, templateId, fields, ...more }));
      return caseId;
    },
    async update(caseId, values, performedBy) {
      await cases.send(new UpdateCaseCommand({ domainId, caseId, fields: listOf(values), performedBy }));
    },
    async values(caseId, ids = allIds) {
      const asked = ids.map((id) => ({ id }));
      const { fields = [] } = await cases.send(new GetCaseCommand({ domainId, caseId, fields: asked }));
      return Object.fromEntries(fields.map(({ id = "", value }) => [id, value as FieldValueUnion]));
    },
    async told() {
      await server.advance("PT0S");
      return readStream<CaseBusEvent>(kinesis, stream);
    },
  };
}

export function listOf(values: Values): { readonly id: string; readonly value: FieldValueUnion }[] {
  return Object.entries(values).map(([id, value]) => ({ id, value }));
}

export const text = (stringValue: string): FieldValueUnion => ({ stringValue });
export const EMPTY: FieldValueUnion = { emptyValue: {} };

/** An entry of a case's audit history, with all that it must have. */
export type Audited = Omit<AuditEvent, "fields"> & { readonly fields: readonly AuditEventField[] };

/** All that is written down of a case, the newest first. */
export async function audited({ cases, domainId }: CasesWorld, caseId: string): Promise<readonly Audited[]> {
  const found: Audited[] = [];
  let nextToken: string | undefined;
  do {
    const page = await cases.send(new GetCaseAuditEventsCommand({ domainId, caseId, nextToken }));
    for (const event of page.auditEvents ?? []) {
      if (event) found.push({ ...event, fields: (event.fields ?? []).filter((field) => field !== null) });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

/** The type of a related item, by the member of its content. */
export const ITEM_TYPES = {
  contact: "Contact",
  comment: "Comment",
  file: "File",
  sla: "Sla",
  connectCase: "ConnectCase",
  custom: "Custom",
} as const;

export type ItemMember = keyof typeof ITEM_TYPES;

/** Adds an item to a case, and answers with its id. */
export async function relate(
  { cases, domainId }: CasesWorld,
  caseId: string,
  content: RelatedItemInputContent,
  more: Partial<CreateRelatedItemCommandInput> = {},
): Promise<string> {
  const [member = "comment"] = Object.keys(content) as ItemMember[];
  const input = { domainId, caseId, type: ITEM_TYPES[member], content, ...more };
  return (await cases.send(new CreateRelatedItemCommand(input))).relatedItemId ?? "";
}

export const comment = (body: string): RelatedItemInputContent => ({ comment: { body, contentType: "Text/Plain" } });

/** A service level: until so many minutes have passed the status shall be the target. */
export const sla = (name: string, target: string = "waiting", minutes: number = 240): RelatedItemInputContent => ({
  sla: {
    slaInputConfiguration: {
      name,
      type: "CaseField",
      fieldId: "status",
      targetFieldValues: [{ stringValue: target }],
      targetSlaMinutes: minutes,
    },
  },
});
