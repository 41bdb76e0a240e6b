/** Connect rules on metrics: thresholds over queues, agents, routing profiles and flows, when they act, and when they act again. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateRoutingProfileQueuesCommand,
  CreateContactFlowCommand,
  CreateContactFlowModuleCommand,
  CreateQueueCommand,
  CreateRuleCommand,
  CreateUserHierarchyGroupCommand,
  DeleteRuleCommand,
  DescribeContactCommand,
  ListHoursOfOperationsCommand,
  type RuleAction,
  UpdateRuleCommand,
  UpdateUserHierarchyCommand,
  UpdateUserHierarchyStructureCommand,
} from "@aws-sdk/client-connect";
import { instanceKey } from "../src/services/connect/index.ts";
import { users } from "../src/services/connect/users.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const GE = "NumberGreaterOrEqualTo";
const LE = "NumberLessOrEqualTo";
const connects: Centre["connect"][] = [];
after(() => {
  for (const connect of connects) connect.destroy();
});

type Grouping = "QUEUE" | "AGENT" | "ROUTING_PROFILE" | "FLOW";
type Condition = readonly [
  metric: string,
  operator: string,
  operand: number | string,
  filters: object[],
  more?: object,
];

function functionOf(grouping: Grouping, groups: readonly (readonly Condition[])[], outermost = "AND"): string {
  const clause = (Filters: object[]): object => ({ FilterClause: { LogicOperator: "AND", Filters } });
  const Operands = groups.map((conditions) => ({
    Operator: "AND",
    Operands: conditions.map(([metric, Operator, operand, filters, more = {}]) => ({
      Operator,
      Operands: [operand],
      ComparisonValue: `$.MetricData.${metric}`,
      Negate: false,
      ...clause(filters),
      ...more,
    })),
  }));
  const RuleFunction = { Operator: outermost, Operands, ...clause([{ Type: "MetricDataGrouping", Data: [grouping] }]) };
  return JSON.stringify({ Version: "2022-11-25", RuleFunction });
}

const by = (what: string, ...Data: string[]): object => ({ Type: `MetricDataFilterBy${what}`, Data });
const past = (Past: number): object => ({ Type: "MetricDataDurationSeconds", Data: { Past } });
const lasting = (Past: number): object => ({ Type: "AgentActivityDurationSeconds", Data: { Past } });

async function open() {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  connects.push(connect);
  const instanceArn = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
  return {
    ...centre,
    instanceArn,
    async queue(Name: string, isServed = false): Promise<string> {
      const { QueueId = "" } = await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }));
      const QueueConfigs = [{ QueueReference: { QueueId, Channel: "VOICE" as const }, Priority: 1, Delay: 0 }];
      const input = { InstanceId, RoutingProfileId: centre.profileId, QueueConfigs };
      if (isServed) await connect.send(new AssociateRoutingProfileQueuesCommand(input));
      return QueueId;
    },
    async rule(Name: string, text: string, Actions: RuleAction[] = [TOLD]): Promise<string> {
      const TriggerEventSource = { EventSourceName: "OnMetricDataUpdate" } as const;
      const definition = { Function: text, Actions, PublishStatus: "PUBLISHED" } as const;
      const input = { InstanceId, Name, TriggerEventSource, ...definition };
      const { RuleId = "" } = await connect.send(new CreateRuleCommand(input));
      await server.advance("PT0S");
      return RuleId;
    },
    /** What rules have told so far: their names, with what breaches. */
    async told(): Promise<string[]> {
      const { contactEvents } = await centre.streams();
      return contactEvents
        .filter(({ "detail-type": type }) => type === "Metrics Rules Matched")
        .map(({ detail, resources }) => {
          const { ruleName, actionName, instanceArn: arn } = detail as unknown as Record<string, string>;
          assert.deepEqual([actionName, arn, resources[0]], ["TOLD", instanceArn, instanceArn]);
          const ends = resources.slice(1).map((resource) => resource.slice(instanceArn.length + 1));
          return `${ruleName}: ${ends.join(", ")}`;
        });
    },
  };
}

const TOLD: RuleAction = { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TOLD" } };

test("a rule acts when a queue begins to breach it, names all that do, and is armed again when one recovers", async () => {
  const { queue, rule, told, arrive, customer, connect, InstanceId } = await open();
  const [a, b] = [await queue("A"), await queue("B")];
  const call = (queueId: string) => arrive({ channel: "VOICE", queueId });
  const inA = [await call(a), await call(a)];
  const text = functionOf("QUEUE", [[["CONTACTS_IN_QUEUE", GE, 2, [by("Queue", a, b, "unknown")]]]]);
  const RuleId = await rule("waiting", text);
  // At once, without any minute.
  assert.deepEqual(await told(), [`waiting: queue/${a}`]);
  await server.advance("PT5M");
  assert.equal((await told()).length, 1, "a breach that lasts is told once");

  const inB = [await call(b), await call(b)];
  assert.equal((await told()).length, 1, "only ticks are looked at");
  await server.advance("PT1M");
  assert.deepEqual((await told()).slice(1), [`waiting: queue/${a}, queue/${b}`]);
  await customer(inA[0] ?? "", "hang-up");
  await server.advance("PT1M");
  assert.equal((await told()).length, 2, "fewer breaches are no news");
  await call(a);
  await server.advance("PT1M");
  assert.deepEqual((await told()).slice(2), [`waiting: queue/${a}, queue/${b}`]);

  // Written again it forgets what it was true of.
  const changed = { InstanceId, RuleId, Name: "waiting", Function: text, Actions: [TOLD] };
  await connect.send(new UpdateRuleCommand({ ...changed, PublishStatus: "PUBLISHED" }));
  await server.advance("PT0S");
  assert.deepEqual((await told()).slice(3), [`waiting: queue/${a}, queue/${b}`]);
  await connect.send(new UpdateRuleCommand({ ...changed, PublishStatus: "DRAFT" }));
  for (const contactId of [...inA, ...inB]) await customer(contactId, "hang-up").catch(() => undefined);
  await server.advance("PT2M");
  await call(b);
  await call(b);
  await server.advance("PT2M");
  assert.equal((await told()).length, 4, "a draft looks at nothing");
  await connect.send(new UpdateRuleCommand({ ...changed, PublishStatus: "PUBLISHED" }));
  await server.advance("PT0S");
  assert.deepEqual((await told()).slice(4), [`waiting: queue/${b}`]);
  await connect.send(new DeleteRuleCommand({ InstanceId, RuleId }));
  await server.advance("PT10M");
  assert.equal((await told()).length, 5);
});

test("conditions are met by one resource alone, of queues that are named or that a routing profile serves", async () => {
  const { queue, rule, told, arrive, agent, profileId, queueId } = await open();
  const [served, other] = [await queue("Served", true), await queue("Other")];
  await agent("otto");
  for (const queueId of [other, other]) await arrive({ channel: "VOICE", queueId });
  const crowded = (...filters: object[]): Condition => ["CONTACTS_IN_QUEUE", GE, 2, filters];
  const unattended = (...filters: object[]): Condition => ["AGENTS_AVAILABLE", LE, 0, filters];
  const named = by("Queue", served, other, queueId);
  await rule("crowded-unattended", functionOf("QUEUE", [[crowded(named), unattended(named)]]));
  await rule("old", functionOf("QUEUE", [[["OLDEST_CONTACT_AGE", GE, 90, [named]]]]));
  await rule("attended", functionOf("QUEUE", [[["AGENTS_AVAILABLE", GE, 1, [by("RoutingProfile", profileId)]]]]));
  await rule("chats", functionOf("QUEUE", [[["CONTACTS_IN_QUEUE", GE, 1, [named, by("Channel", "CHAT")]]]]));
  await rule("profile", functionOf("ROUTING_PROFILE", [[["AGENTS_AVAILABLE", GE, 1, [by("Queue", served)]]]]));
  const either: Condition[][] = [[["CONTACTS_IN_QUEUE", GE, 99, [named]]], [unattended(named)]];
  await rule("either", functionOf("QUEUE", either, "OR"));
  assert.deepEqual((await told()).toSorted(), [
    `attended: queue/${queueId}, queue/${served}`,
    `crowded-unattended: queue/${other}`,
    `either: queue/${other}`,
    `profile: routing-profile/${profileId}`,
  ]);
  await arrive({ channel: "CHAT", queueId: other });
  await server.advance("PT2M");
  assert.deepEqual((await told()).slice(4).toSorted(), [`chats: queue/${other}`, `old: queue/${other}`]);
});

test("trailing metrics look at what ended in their window, and are true of nobody without data", async () => {
  const { rule, told, arrive, agent, act, customer, queueId, flowId } = await open();
  const userId = await agent("tina");
  const window = past(3_600);
  const within = (ThresholdValue: number): object => ({
    Type: "MetricDataThresholdSeconds",
    Data: { Comparison: "LT", ThresholdValue },
  });
  const [queues, agents, flows] = [by("Queue", queueId), by("Agent", userId), by("Flow", flowId)];
  const trailing: readonly (readonly [string, Grouping, Condition])[] = [
    ["handle", "QUEUE", ["AVG_HANDLE_TIME", GE, 75, [queues, window]]],
    ["handle-more", "QUEUE", ["AVG_HANDLE_TIME", GE, 76, [queues, window]]],
    ["handle-chats", "QUEUE", ["AVG_HANDLE_TIME", GE, 0, [queues, window, by("Channel", "CHAT")]]],
    ["answer", "QUEUE", ["AVG_QUEUE_ANSWER_TIME", LE, 10, [queues, window]]],
    ["talk", "QUEUE", ["AVG_INTERACTION_TIME", GE, 60, [queues, window]]],
    ["hold", "QUEUE", ["AVG_HOLD_TIME", GE, 0, [queues, window]]],
    ["level", "QUEUE", ["SERVICE_LEVEL", LE, 0, [queues, window, within(5)]]],
    ["level-later", "QUEUE", ["SERVICE_LEVEL", LE, 99, [queues, window, within(60)]]],
    ["agent-handle", "AGENT", ["AVG_HANDLE_TIME", LE, 75, [agents, window]]],
    ["occupied", "AGENT", ["AGENT_OCCUPANCY", GE, 50, [agents, window]]],
    ["flows", "FLOW", ["FLOWS_STARTED", GE, 1, [flows, window]]],
    ["flows-more", "FLOW", ["FLOWS_STARTED", GE, 2, [flows, window]]],
    ["flows-none", "FLOW", ["FLOWS_OUTCOME", LE, 0, [flows, window, by("FlowOutcomeType", "DROPPED")]]],
    [
      "flows-to-queue",
      "FLOW",
      ["PERCENT_FLOWS_OUTCOME", GE, 100, [flows, window, by("FlowOutcomeType", "TRANSFERRED_TO_QUEUE")]],
    ],
    ["flow-time", "FLOW", ["MAX_FLOW_TIME", GE, 0, [flows, window]]],
  ];
  for (const [name, grouping, condition] of trailing) await rule(name, functionOf(grouping, [[condition]]));
  assert.deepEqual(await told(), [`flows-none: contact-flow/${flowId}`], "counts are 0, all else is unknown");

  const contactId = await arrive({ channel: "VOICE", contactFlowId: flowId });
  await server.advance("PT6S");
  await act(userId, "accept", { contactId });
  await server.advance("PT1M");
  await customer(contactId, "hang-up");
  await server.advance("PT15S");
  await act(userId, "clear", { contactId });
  await server.advance("PT1M");
  assert.deepEqual(
    (await told()).slice(1).toSorted(),
    [
      `agent-handle: agent/${userId}`,
      `answer: queue/${queueId}`,
      `flow-time: contact-flow/${flowId}`,
      `flows-to-queue: contact-flow/${flowId}`,
      `flows: contact-flow/${flowId}`,
      `handle: queue/${queueId}`,
      `level: queue/${queueId}`,
      `occupied: agent/${userId}`,
      `talk: queue/${queueId}`,
    ].toSorted(),
  );
});

test("flow modules are told of by themselves, each by what it was left for", async () => {
  const { rule, told, arrive, connect, InstanceId } = await open();
  const content = (StartAction: string, ...actions: readonly (readonly [string, string, object, object?])[]): string =>
    JSON.stringify({
      Version: "2019-10-30",
      StartAction,
      Metadata: {},
      Actions: actions.map(([Identifier, Type, Parameters, Transitions = {}]) => ({
        Identifier,
        Type,
        Parameters,
        Transitions,
      })),
    });
  const modules: string[] = [];
  for (const Name of ["greets", "idle"]) {
    const Content = content("back", ["back", "EndFlowModuleExecution", {}]);
    const { Id = "" } = await connect.send(
      new CreateContactFlowModuleCommand({ InstanceId, Name, Content, Settings: "{}" }),
    );
    modules.push(Id);
  }
  const [greets = "", idle = ""] = modules;
  const invoke = { FlowModuleId: greets };
  const ended = { NextAction: "end", Errors: [{ ErrorType: "NoMatchingError", NextAction: "end" }], Conditions: [] };
  const Content = content("go", ["go", "InvokeFlowModule", invoke, ended], ["end", "DisconnectParticipant", {}]);
  const flow = { InstanceId, Name: "through a module", Type: "CONTACT_FLOW", Content } as const;
  const { ContactFlowId: flowId = "" } = await connect.send(new CreateContactFlowCommand(flow));
  const both = [by("FlowModule", greets, idle), past(3_600)];
  const asked: readonly (readonly [string, Condition])[] = [
    ["started", ["FLOWS_STARTED", GE, 2, both]],
    ["not-so-often", ["FLOWS_STARTED", GE, 3, both]],
    ["returned", ["FLOWS_OUTCOME", GE, 2, [...both, by("FlowOutcomeType", "RETURNED_TO_FLOW")]]],
    ["dropped", ["FLOWS_OUTCOME", GE, 1, [...both, by("FlowOutcomeType", "DROPPED")]]],
    ["all-returned", ["PERCENT_FLOWS_OUTCOME", GE, 100, [...both, by("FlowOutcomeType", "RETURNED_TO_FLOW")]]],
    ["quick", ["AVG_FLOW_TIME", LE, 0, both]],
    ["calls", ["FLOWS_STARTED", GE, 1, [...both, by("Channel", "VOICE")]]],
    ["chats", ["FLOWS_STARTED", GE, 1, [...both, by("Channel", "CHAT")]]],
    ["flow", ["FLOWS_STARTED", GE, 2, [by("Flow", flowId), past(3_600)]]],
    // Of the other kind there is none with these ids.
    ["module-as-flow", ["FLOWS_STARTED", GE, 0, [by("Flow", greets), past(3_600)]]],
    ["flow-as-module", ["FLOWS_STARTED", GE, 0, [by("FlowModule", flowId), past(3_600)]]],
  ];
  for (const [name, condition] of asked) await rule(name, functionOf("FLOW", [[condition]]));
  assert.deepEqual(await told(), []);
  for (let call = 0; call < 2; call++) await arrive({ channel: "VOICE", contactFlowId: flowId });
  await server.advance("PT1M");
  assert.deepEqual(
    (await told()).toSorted(),
    [
      `all-returned: flow-module/${greets}`,
      `calls: flow-module/${greets}`,
      `flow: contact-flow/${flowId}`,
      `quick: flow-module/${greets}`,
      `returned: flow-module/${greets}`,
      `started: flow-module/${greets}`,
    ].toSorted(),
  );
  await server.advance("PT2H");
  await arrive({ channel: "VOICE", contactFlowId: flowId });
  await server.advance("PT1M");
  const later = (await told()).slice(6).toSorted();
  assert.deepEqual(
    later,
    ["all-returned", "calls", "quick"].map((name) => `${name}: flow-module/${greets}`),
  );
});

test("an agent's activity must have lasted, and is looked for among those of a routing profile", async () => {
  const { rule, told, arrive, agent, view, act, customer, queueId, profileId, statuses } = await open();
  const users = [await agent("bea"), await agent("ann")];
  await agent("off", { isOffline: true });
  const activity = (name: string, seconds: number, what: string, more: object = {}) => {
    const filters = [by("RoutingProfile", profileId), lasting(seconds)];
    return rule(name, functionOf("AGENT", [[["AGENT_ACTIVITY", "EQUALS", what, filters, more]]]));
  };
  await activity("talks-long", 120, "ON_CONTACT");
  await activity("rings", 30, "INCOMING");
  await activity("idle", 200, "AVAILABLE");
  await activity("status", 30, statuses.Available ?? "");
  await activity("works", 20, "AFTER_CONTACT_WORK");
  await activity("missed", 1, "MISSED");
  // Of an agent who is not there nothing is known: they are not "in another activity".
  await activity("not-available", 1, "AVAILABLE", { Negate: true });
  assert.deepEqual(await told(), [`not-available: agent/${users[1]}, agent/${users[0]}`]);

  const contactId = await arrive({ channel: "VOICE", queueId });
  const views = await Promise.all(users.map(view));
  const at = views.findIndex(({ contacts }) => contacts.length > 0);
  const [holder = "", other = ""] = at === 0 ? users : users.toReversed();
  await server.advance("PT5S");
  await act(holder, "accept", { contactId });
  await server.advance("PT55S");
  assert.deepEqual((await told()).slice(1), [`status: agent/${users[1]}, agent/${users[0]}`]);
  await server.advance("PT4M");
  assert.deepEqual((await told()).slice(2), [`talks-long: agent/${holder}`, `idle: agent/${other}`]);
  await customer(contactId, "hang-up");
  await server.advance("PT1M");
  assert.deepEqual((await told()).slice(4), [`works: agent/${holder}`]);
  await arrive({ channel: "VOICE", queueId });
  await server.advance("PT1M");
  // Missed after 20 seconds, so that nobody is available any more, newly so for the other one.
  assert.deepEqual((await told()).slice(5).toSorted(), [
    `missed: agent/${other}`,
    `not-available: agent/${users[1]}, agent/${users[0]}`,
  ]);
});

test("agents are found by their hierarchy group and its level, also in groups below, and by the queues that they serve", async () => {
  const { connect, InstanceId, rule, told, agent, queue, statuses } = await open();
  const HierarchyStructure = { LevelOne: { Name: "Region" }, LevelTwo: { Name: "Site" } };
  await connect.send(new UpdateUserHierarchyStructureCommand({ InstanceId, HierarchyStructure }));
  const group = async (Name: string, ParentGroupId?: string): Promise<string> => {
    const input = { InstanceId, Name, ParentGroupId };
    return (await connect.send(new CreateUserHierarchyGroupCommand(input))).HierarchyGroupId ?? "";
  };
  const north = await group("North");
  const harbour = await group("Harbour", north);
  const south = await group("South");
  const [ina, outi] = [await agent("ina"), await agent("outi")];
  await connect.send(new UpdateUserHierarchyCommand({ InstanceId, UserId: ina, HierarchyGroupId: harbour }));
  const [served, unserved] = [await queue("Served", true), await queue("Unserved")];
  const isAvailable = (filter: object): Condition => [
    "AGENT_ACTIVITY",
    "EQUALS",
    statuses.Available ?? "",
    [filter, lasting(1)],
  ];
  await server.advance("PT10S");
  const filters: readonly (readonly [string, object])[] = [
    ["region", by("AgentHierarchyLevelOne", north)],
    ["site", by("AgentHierarchyLevelTwo", harbour)],
    ["other-level", by("AgentHierarchyLevelTwo", north)],
    ["empty-region", by("AgentHierarchyLevelOne", south)],
    ["no-group", by("AgentHierarchyLevelOne", "nowhere")],
    ["by-queue", by("Queue", served)],
    ["by-other-queue", by("Queue", unserved)],
    ["named", by("Agent", ina, "nobody")],
  ];
  for (const [name, filter] of filters) await rule(name, functionOf("AGENT", [[isAvailable(filter)]]));
  assert.deepEqual(await told(), [
    `region: agent/${ina}`,
    `site: agent/${ina}`,
    `by-queue: agent/${ina}, agent/${outi}`,
    `named: agent/${ina}`,
  ]);
});

test("a look at thousands of agents finds those that meet a rule, however many there are", async () => {
  const { connect, rule, told, agent, profileId, statuses, InstanceId } = await open();
  const [first, last] = [await agent("first"), await agent("last")];
  const { store } = server.app.platform();
  const of = { account: "000000000000", region: "us-east-1", instanceId: InstanceId };
  const known = await store.get(users, instanceKey(of, first));
  assert(known);
  // Made by requests these would take half a minute.
  for (let made = 0; made < 3_000; made += 500) {
    await store.commit(async (unit) => {
      for (let at = made; at < made + 500; at++) {
        const id = `6d3b4a53-9d07-4b8f-8f3f-${String(at).padStart(12, "0")}`;
        unit.put(users, instanceKey(of, id), { ...known, id, name: `agent-${at}` });
      }
    });
  }
  await server.advance("PT10S");
  const filters = [by("RoutingProfile", profileId), lasting(5)];
  const text = functionOf("AGENT", [[["AGENT_ACTIVITY", "EQUALS", statuses.Available ?? "", filters]]]);
  const RuleId = await rule("available", text);
  assert.deepEqual(await told(), [`available: agent/${first}, agent/${last}`]);
  await server.advance("PT3M");
  assert.equal((await told()).length, 1);
  await connect.send(new DeleteRuleCommand({ InstanceId, RuleId }));
});

test("a task names the resources, once for each breach, whatever the clock does", async () => {
  const { queue, rule, arrive, flowId, streams, connect, InstanceId } = await open();
  const [a, b] = [await queue("Alpha"), await queue("Beta")];
  for (const queueId of [a, a, b, b]) await arrive({ channel: "VOICE", queueId });
  await rule("overflow", functionOf("QUEUE", [[["CONTACTS_IN_QUEUE", GE, 2, [by("Queue", a, b)]]]]), [
    {
      ActionType: "CREATE_TASK",
      TaskAction: {
        Name: "Too many in $.MetricData.Resources",
        Description: "$.RuleName $.MetricData.CONTACTS_IN_QUEUE",
        ContactFlowId: flowId,
      },
    },
  ]);
  await server.advance("PT3H");
  const { contactEvents } = await streams();
  const tasks = contactEvents
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .filter(({ channel, eventType }) => channel === "TASK" && eventType === "INITIATED");
  assert.equal(tasks.length, 1);
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId: tasks[0]?.contactId }));
  assert.equal(Contact?.Name, "Too many in Alpha, Beta");
  assert.equal(Contact?.Description, "overflow ");
  assert.equal(Contact?.PreviousContactId, undefined);
});

test("a metric that nothing feeds is refused by name where the rule is to be published", async () => {
  const { rule, profileId } = await open();
  const adherence: Condition = ["AGENT_SCHEDULE_ADHERENCE", LE, 80, [by("RoutingProfile", profileId), past(600)]];
  await assert.rejects(rule("adherence", functionOf("AGENT", [[adherence]])), {
    name: "InvalidRequestException",
    message: /AGENT_SCHEDULE_ADHERENCE/,
  });
});
