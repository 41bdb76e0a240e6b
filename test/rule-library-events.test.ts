/**
 * The part of the library of rules that is not about conversations (`rule-library-events.json`): on evaluations, metrics, tickets and cases, each
 * with inputs that it must match and others that it must not. Inputs come as they do in life; of those that are kept, what acted, what explain
 * says and what a backtest finds must be the same.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import {
  ActivateEvaluationFormCommand,
  AssociateRoutingProfileQueuesCommand,
  CreateEvaluationFormCommand,
  CreateIntegrationAssociationCommand,
  CreateQueueCommand,
  CreateRuleCommand,
  CreateUseCaseCommand,
  DescribeContactCommand,
  type EvaluationFormItem,
  type EventSourceName,
  ListHoursOfOperationsCommand,
  type RuleAction,
  StartContactEvaluationCommand,
  SubmitContactEvaluationCommand,
} from "@aws-sdk/client-connect";
import {
  CreateEventBusCommand,
  CreatePartnerEventSourceCommand,
  EventBridgeClient,
  PutPartnerEventsCommand,
} from "@aws-sdk/client-eventbridge";
import type { BacktestLine } from "../src/services/rules/index.ts";
import { openCentre } from "./contact-centre.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

interface LibraryRule<Input> {
  readonly industry: string;
  readonly name: string;
  readonly source: EventSourceName;
  /** `{form}`, `{agent}` and `{queues}` stand for ids that there are only when it is played. */
  readonly function: object;
  readonly matches: readonly Input[];
  readonly doesNotMatch: readonly Input[];
}

/** Answers to a form, about a contact. */
interface Submission {
  readonly answers: Readonly<Record<string, string | number>>;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A queue: for how many seconds contacts have waited in it, or after how many they were answered. */
interface QueueState {
  readonly waiting?: readonly number[];
  readonly channel?: "VOICE" | "CHAT";
  readonly answeredAfter?: readonly number[];
}

const library = JSON.parse(
  readFileSync(new URL("rule-library-events.json", import.meta.url), "utf8"),
) as readonly LibraryRule<object>[];

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const ACCOUNT = "000000000000";
const events = new EventBridgeClient(server.client);
const partner = new EventBridgeClient(server.clientOf("other"));
after(() => {
  for (const client of [connect, events, partner]) client.destroy();
});

/** The rules on some event sources, whose inputs are of the kind that the caller knows. */
function of<Input extends object>(...sources: readonly EventSourceName[]): readonly LibraryRule<Input>[] {
  return library.filter(({ source }) => sources.includes(source)) as unknown as readonly LibraryRule<Input>[];
}

async function publish(
  { name, source, function: text }: LibraryRule<object>,
  ids: Readonly<Record<string, string | readonly string[]>>,
  Actions: RuleAction[],
  IntegrationAssociationId?: string,
): Promise<string> {
  const asked = JSON.stringify(text).replaceAll(/"\{(\w+)\}"/g, (_, what) =>
    [ids[what] ?? []]
      .flat()
      .map((id) => JSON.stringify(id))
      .join(","),
  );
  const TriggerEventSource = { EventSourceName: source, IntegrationAssociationId };
  const definition = { InstanceId, Name: name, TriggerEventSource, Function: asked, Actions } as const;
  await connect.send(new CreateRuleCommand({ ...definition, PublishStatus: "PUBLISHED" }));
  return asked;
}

const EVENT: RuleAction = { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "MATCHED" } };

async function told(type: string): Promise<readonly { readonly rule: string; readonly about: string }[]> {
  const { contactEvents } = await centre.streams();
  return contactEvents
    .filter((one) => one["detail-type"] === type)
    .flatMap(({ detail, resources }) => {
      const { ruleName = "", evaluationArn } = detail as unknown as Record<string, string>;
      const about = evaluationArn === undefined ? resources.slice(1) : [evaluationArn];
      return about.map((arn) => ({ rule: ruleName, about: arn.split("/").at(-1) ?? "" }));
    });
}

async function post(path: string, body: object): Promise<string> {
  const answer = await sendSigned(server.url, { service: "trunkline", path, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, answer.body.toString());
  return answer.body.toString();
}

interface Played {
  readonly rule: LibraryRule<object>;
  readonly input: object;
  readonly isMatch: boolean;
  /** What acted tells it by. */
  readonly about: string;
}

/** Every input of a rule, with whether the rule must match it. */
function inputsOf<Input extends object>({ matches, doesNotMatch }: LibraryRule<Input>) {
  return [
    ...matches.map((input) => ({ input, isMatch: true })),
    ...doesNotMatch.map((input) => ({ input, isMatch: false })),
  ];
}

function wrongOf(played: readonly Played[], acted: readonly { readonly rule: string; readonly about: string }[]) {
  const found = new Set(acted.map(({ rule, about }) => `${rule} ${about}`));
  return played
    .filter(({ rule, about, isMatch }) => found.has(`${rule.name} ${about}`) !== isMatch)
    .map(
      ({ rule, input, isMatch }) =>
        `${rule.name} ${isMatch ? "must match" : "must not match"} ${JSON.stringify(input)}`,
    );
}

/** Compares what acted on subjects that history keeps with what explain and a backtest say of them. */
async function agree(
  rules: ReadonlyMap<LibraryRule<object>, string>,
  subjects: ReadonlyMap<string, string>,
  acted: readonly { readonly rule: string; readonly about: string }[],
): Promise<void> {
  const told = new Set(acted.map(({ rule, about }) => `${rule} ${about}`));
  for (const [subject, about] of subjects) {
    const { inputs } = JSON.parse(await post("/_trunkline/explain", { subject, instance: InstanceId })) as {
      inputs: readonly { rules: readonly { name: string; matched: boolean }[] }[];
    };
    const explained = inputs.flatMap((one) => one.rules);
    assert.equal(explained.length > 0, true, subject);
    for (const { name, matched } of explained) assert.equal(matched, told.has(`${name} ${about}`), `${name} ${about}`);
  }
  for (const [{ name, source }, text] of rules) {
    const rule = { TriggerEventSource: { EventSourceName: source }, Function: text };
    const lines = (await post("/_trunkline/backtest", { rule, matches: 1_000 })).trim().split("\n");
    const found = lines
      .map((line) => JSON.parse(line) as BacktestLine)
      .flatMap((line) => ("match" in line ? (subjects.get(line.match.subject) ?? line.match.subject) : []));
    const happened = acted.filter((one) => one.rule === name).map(({ about }) => about);
    assert.deepEqual(found.toSorted(), happened.toSorted(), name);
  }
}

const select = (RefId: string): EvaluationFormItem => ({
  Question: {
    RefId,
    Title: `${RefId}?`,
    QuestionType: "SINGLESELECT",
    NotApplicableEnabled: true,
    QuestionTypeProperties: {
      SingleSelect: {
        Options: [
          { RefId: "no", Text: "No", Score: 0 },
          { RefId: "yes", Text: "Yes", Score: 10 },
        ],
      },
    },
  },
});

test("rules of the library act on the evaluations that they must match, and on no other", async () => {
  const agent = await centre.agent("erin");
  const hold: EvaluationFormItem = {
    Question: {
      RefId: "hold",
      Title: "Seconds on hold",
      QuestionType: "NUMERIC",
      QuestionTypeProperties: { Numeric: { MinValue: 0, MaxValue: 900 } },
    },
  };
  const Items: EvaluationFormItem[] = [
    { Section: { RefId: "opening", Title: "Opening", Items: [select("greeted"), select("identity")] } },
    { Section: { RefId: "handling", Title: "Handling", Items: [select("disclosure"), hold] } },
  ];
  const ScoringStrategy = { Mode: "SECTION_ONLY", Status: "ENABLED" } as const;
  const created = await connect.send(
    new CreateEvaluationFormCommand({ InstanceId, Title: "Quality", Items, ScoringStrategy }),
  );
  const EvaluationFormId = created.EvaluationFormId ?? "";
  const activated = { InstanceId, EvaluationFormId, EvaluationFormVersion: 1 };
  await connect.send(new ActivateEvaluationFormCommand(activated));

  const rules = new Map<LibraryRule<object>, string>();
  const own = of<Submission>("OnContactEvaluationSubmit");
  for (const rule of own) rules.set(rule, await publish(rule, { form: EvaluationFormId, agent }, [EVENT]));
  const played: Played[] = [];
  const subjects = new Map<string, string>();
  for (const rule of own) {
    for (const { input, isMatch } of inputsOf(rule)) {
      const ContactId = await centre.arrive({
        channel: "VOICE",
        contactFlowId: centre.flowId,
        attributes: input.attributes ?? {},
      });
      await centre.act(agent, "accept", { contactId: ContactId });
      await centre.customer(ContactId, "hang-up");
      await centre.act(agent, "clear", { contactId: ContactId });
      const started = await connect.send(
        new StartContactEvaluationCommand({ InstanceId, ContactId, EvaluationFormId }),
      );
      const EvaluationId = started.EvaluationId ?? "";
      const Answers = Object.fromEntries(
        Object.entries(input.answers).map(([refId, answer]) => [
          refId,
          { Value: typeof answer === "number" ? { NumericValue: answer } : { StringValue: answer } },
        ]),
      );
      await connect.send(new SubmitContactEvaluationCommand({ InstanceId, EvaluationId, Answers }));
      await server.advance("PT1S");
      played.push({ rule, input, isMatch, about: EvaluationId });
      subjects.set(ContactId, EvaluationId);
    }
  }
  const acted = await told("Contact Lens Evaluation Rules Matched");
  assert.deepEqual(wrongOf(played, acted), []);
  await agree(rules, subjects, acted);
});

test("rules of the library act on the queues that they must match, and on no other", async () => {
  const { HoursOfOperationSummaryList: hours } = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const agent = await centre.agent("quinn", { isOffline: true });
  const played: Played[] = [];
  const acted: { readonly rule: string; readonly about: string }[] = [];
  for (const rule of of<QueueState>("OnMetricDataUpdate")) {
    const inputs = inputsOf(rule);
    const queues: string[] = [];
    for (const [index, { input, isMatch }] of inputs.entries()) {
      const Name = `${rule.name}-${index}`;
      const HoursOfOperationId = hours?.[0]?.Id;
      const { QueueId = "" } = await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }));
      queues.push(QueueId);
      played.push({ rule, input, isMatch, about: QueueId });
    }
    await publish(rule, { queues }, [EVENT]);
    for (const [index, { input }] of inputs.entries()) await answer(agent, queues[index] ?? "", input);
    const waiting = inputs
      .flatMap(({ input: { waiting: all = [], channel = "VOICE" } }, index) =>
        all.map((seconds) => ({ seconds, arrival: { channel, queueId: queues[index] } })),
      )
      .toSorted((one, other) => other.seconds - one.seconds);
    const contacts: string[] = [];
    for (const [index, { seconds, arrival }] of waiting.entries()) {
      contacts.push(await centre.arrive(arrival));
      await server.advance(`PT${seconds - (waiting[index + 1]?.seconds ?? 0)}S`);
    }
    // The next look at metrics is at most a minute away.
    await server.advance("PT1M");
    acted.push(...(await told("Metrics Rules Matched")).filter((one) => one.rule === rule.name));
    // Whoever hangs up now has waited in vain, which is another matter.
    for (const contactId of contacts) await centre.customer(contactId, "hang-up");
  }
  assert.deepEqual(wrongOf(played, acted), []);
});

/** Contacts of a queue that an agent answers, each after so long. */
async function answer(agent: string, QueueId: string, { answeredAfter = [] }: QueueState): Promise<void> {
  if (answeredAfter.length === 0) return;
  const QueueConfigs = [{ QueueReference: { QueueId, Channel: "VOICE" as const }, Priority: 1, Delay: 0 }];
  const served = { InstanceId, RoutingProfileId: centre.profileId, QueueConfigs };
  await connect.send(new AssociateRoutingProfileQueuesCommand(served));
  for (const seconds of answeredAfter) {
    const contactId = await centre.arrive({ channel: "VOICE", queueId: QueueId });
    await server.advance(`PT${seconds}S`);
    await centre.status(agent, "Available");
    await centre.act(agent, "accept", { contactId });
    await centre.customer(contactId, "hang-up");
    await centre.act(agent, "clear", { contactId });
    await centre.status(agent, "Offline");
  }
}

test("rules of the library make tasks of the tickets and cases that they must match, and of no other", async () => {
  const rules = new Map<LibraryRule<object>, string>();
  const played: Played[] = [];
  const subjects = new Map<string, string>();
  let number = 0;
  for (const [kind, source, sources, idOf] of [
    [
      "ZENDESK",
      "aws.partner/zendesk.com/5501234/default",
      ["OnZendeskTicketCreate", "OnZendeskTicketStatusUpdate"],
      {
        OnZendeskTicketCreate: "Zendesk.TicketCreate.Id",
        OnZendeskTicketStatusUpdate: "Zendesk.TicketStatusUpdate.Id",
      },
    ],
    [
      "SALESFORCE",
      `aws.partner/appflow/salesforce.com/${ACCOUNT}/cases`,
      ["OnSalesforceCaseCreate"],
      { OnSalesforceCaseCreate: "Salesforce.CaseCreate.CaseNumber" },
    ],
  ] as const) {
    const association = await integrate(kind, source);
    const own = of<object>(...sources);
    for (const rule of own) {
      const id = (idOf as Readonly<Record<string, string>>)[rule.source];
      const TaskAction = { Name: `$.RuleName $.ThirdParty.${id}`, ContactFlowId: centre.flowId };
      rules.set(rule, await publish(rule, {}, [{ ActionType: "CREATE_TASK", TaskAction }], association));
    }
    for (const rule of own) {
      for (const { input, isMatch } of inputsOf(rule)) {
        const about = String(++number);
        const entry = { Source: source, ...entryOf(rule.source, about, input) };
        const { Entries } = await partner.send(new PutPartnerEventsCommand({ Entries: [entry] }));
        const eventId = Entries?.[0]?.EventId ?? "";
        played.push({ rule, input, isMatch, about });
        subjects.set(kind === "ZENDESK" ? eventId : `${eventId}/${about}`, about);
        await server.advance("PT0S");
      }
    }
  }
  const acted = await tasks();
  assert.deepEqual(wrongOf(played, acted), []);
  await agree(rules, subjects, acted);
});

async function integrate(SourceType: "ZENDESK" | "SALESFORCE", Source: string): Promise<string> {
  await partner.send(new CreatePartnerEventSourceCommand({ Name: Source, Account: ACCOUNT }));
  await events.send(new CreateEventBusCommand({ Name: Source, EventSourceName: Source }));
  const integration = { Name: SourceType, EventFilter: { Source }, EventBridgeBus: Source };
  const { EventIntegrationArn } = await call(server.url, "appintegrations", "CreateEventIntegration", integration);
  const association = { IntegrationType: "EVENT", IntegrationArn: EventIntegrationArn, SourceType } as const;
  const associated = await connect.send(new CreateIntegrationAssociationCommand({ InstanceId, ...association }));
  const IntegrationAssociationId = associated.IntegrationAssociationId ?? "";
  const useCase = { InstanceId, IntegrationAssociationId, UseCaseType: "RULES_EVALUATION" } as const;
  await connect.send(new CreateUseCaseCommand(useCase));
  return IntegrationAssociationId;
}

/** The partner's event of a ticket or a case. */
function entryOf(source: EventSourceName, id: string, fields: object): { DetailType: string; Detail: string } {
  if (source === "OnSalesforceCaseCreate") {
    const ChangeEventHeader = { entityName: "Case", recordIds: [id], changeType: "CREATE" };
    return {
      DetailType: "CaseChangeEvent",
      Detail: JSON.stringify({ ChangeEventHeader, CaseNumber: id, ...fields }),
    };
  }
  const type = source === "OnZendeskTicketCreate" ? "Ticket Created" : "Status Changed";
  const ticket = { id: Number(id), created_at: "2026-01-19T08:00:00Z", status: "new", tags: [], ...fields };
  return { DetailType: `Support Ticket: ${type}`, Detail: JSON.stringify({ ticket_event: { type, ticket } }) };
}

/** What tasks were made, by their names: the rule and the ticket or case. */
async function tasks(): Promise<readonly { readonly rule: string; readonly about: string }[]> {
  const { contactEvents } = await centre.streams();
  const made = contactEvents.filter(({ detail }) => detail.channel === "TASK" && detail.eventType === "INITIATED");
  const found: { rule: string; about: string }[] = [];
  for (const { detail } of made) {
    const described = { InstanceId, ContactId: detail.contactId };
    const { Contact } = await connect.send(new DescribeContactCommand(described));
    const [rule = "", about = ""] = (Contact?.Name ?? "").split(" ");
    found.push({ rule, about });
  }
  return found;
}

test("there are rules of four industries on each of these event sources, all with both kinds of inputs", () => {
  assert.deepEqual(
    new Set(library.map(({ industry }) => industry)),
    new Set(["insurance", "travel", "retail", "health"]),
  );
  assert.equal(new Set(library.map(({ name }) => name)).size, library.length);
  assert.equal(new Set(library.map(({ source }) => source)).size, 5);
  for (const { name, matches, doesNotMatch } of library) assert.ok(matches.length > 0 && doesNotMatch.length > 0, name);
});
