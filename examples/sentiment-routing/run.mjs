/**
 * Who was unhappy last time is served first when they call again:
 *
 *   a call ends → Contact Lens → Connect rule → EventBridge → Lambda remember-mood ─┐
 *                                                                         Customer Profiles
 *   they call again → flow → Lambda ask-mood ───────────────────────────────────────┘
 *                       ├─ unhappy: queue Care, before all others, and the supervisors are told (EventBridge → SQS)
 *                       └─ else: the queue that all share
 *
 * Unmodified AWS SDK clients. Start the server with a clock that can be moved, then run this in a second terminal:
 *
 *   npm start -- --clock manual
 *   node examples/sentiment-routing/run.mjs
 */
import {
  AssociateLambdaFunctionCommand,
  AssociateRoutingProfileQueuesCommand,
  CreateQueueCommand as CreateConnectQueueCommand,
  CreateRuleCommand,
  DescribeContactCommand,
  DescribeQueueCommand,
  ListHoursOfOperationsCommand,
  UpdateInstanceAttributeCommand,
  UpdateRoutingProfileQueuesCommand,
} from "@aws-sdk/client-connect";
import { CreateDomainCommand, CustomerProfilesClient } from "@aws-sdk/client-customer-profiles";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  action,
  advance,
  allow,
  arnOf,
  connect,
  control,
  createFlow,
  createFunction,
  openCentre,
  options,
  policy,
} from "../contact-centre.mjs";

const name = process.env.NAME ?? `sentiment-routing-${Date.now()}`;
const events = new EventBridgeClient(options);
const sqs = new SQSClient(options);

// --- a contact centre with two queues, of which the agent's profile asks Care first -----------------------------------

const { InstanceId, instanceArn, queue, routingProfileId, ...centre } = await openCentre(name, ["ada"]);
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
const { HoursOfOperationSummaryList } = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
const [{ Id: HoursOfOperationId }] = HoursOfOperationSummaryList;
const care = await connect.send(new CreateConnectQueueCommand({ InstanceId, Name: "Care", HoursOfOperationId }));
const asked = (QueueId, Priority) => ({
  InstanceId,
  RoutingProfileId: routingProfileId,
  QueueConfigs: [{ QueueReference: { QueueId, Channel: "VOICE" }, Priority, Delay: 0 }],
});
await connect.send(new AssociateRoutingProfileQueuesCommand(asked(care.QueueId, 1)));
await connect.send(new UpdateRoutingProfileQueuesCommand(asked(queue.Id, 2)));

// --- after a call: its mood is remembered with the customer -----------------------------------------------------------

await new CustomerProfilesClient(options).send(
  new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 366 }),
);
const domain = arnOf("profile", `domains/${name}`);
const analysed = await createBusRule("moods", {
  source: ["aws.connect"],
  "detail-type": ["Contact Lens Post Call Rules Matched"],
  detail: { instanceArn: [instanceArn], actionName: ["REMEMBER_MOOD"] },
});
const rememberMood = await createFunction(`${name}-remember-mood`, {
  file: new URL("functions/remember-mood.mjs", import.meta.url),
  variables: { DOMAIN: name },
  may: [
    allow(["profile:SearchProfiles", "profile:CreateProfile", "profile:UpdateProfile"], [domain, `${domain}/*`]),
    allow("connect:DescribeContact", `${instanceArn}/contact/*`),
  ],
  source: analysed,
});
await addTarget("moods", { Arn: rememberMood });
// The customer's score over the whole call is between -5 and 5.
await createMoodRule("UNHAPPY_CUSTOMER", "NumberLessOrEqualTo", -1);
await createMoodRule("CONTENT_CUSTOMER", "NumberGreaterOrEqualTo", 0);

async function createMoodRule(Name, Operator, score) {
  const customer = { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] };
  const ComparisonValue = "$.ContactLens.PostCall.Sentiment.OverallScore";
  const scores = { Operator, Operands: [score], ComparisonValue, FilterClause: customer, Negate: false };
  const rule = {
    InstanceId,
    Name,
    TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
    Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [scores] } }),
    Actions: [
      { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
      { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "REMEMBER_MOOD" } },
    ],
    PublishStatus: "PUBLISHED",
  };
  await connect.send(new CreateRuleCommand(rule));
}

async function createBusRule(suffix, pattern) {
  const rule = { Name: `${name}-${suffix}`, EventPattern: JSON.stringify(pattern) };
  return (await events.send(new PutRuleCommand(rule))).RuleArn;
}

async function addTarget(suffix, target) {
  await events.send(new PutTargetsCommand({ Rule: `${name}-${suffix}`, Targets: [{ Id: suffix, ...target }] }));
}

// --- supervisors hear of it -------------------------------------------------------------------------------------------

const callsAgain = await createBusRule("again", { source: [name], "detail-type": ["Unhappy Customer Calls Again"] });
const supervisors = arnOf("sqs", `${name}-supervisors`);
const fromRule = {
  Principal: { Service: "events.amazonaws.com" },
  Condition: { ArnEquals: { "aws:SourceArn": callsAgain } },
};
const Policy = policy(allow("sqs:SendMessage", supervisors, fromRule));
const { QueueUrl } = await sqs.send(
  new CreateQueueCommand({ QueueName: `${name}-supervisors`, Attributes: { Policy } }),
);
await addTarget("again", { Arn: supervisors, InputPath: "$.detail" });

// --- the next call: the flow asks how it was last time ----------------------------------------------------------------

const askMood = await createFunction(`${name}-ask-mood`, {
  file: new URL("functions/ask-mood.mjs", import.meta.url),
  variables: { DOMAIN: name, SOURCE: name },
  may: [
    allow("profile:SearchProfiles", [domain, `${domain}/*`]),
    allow("events:PutEvents", arnOf("events", "event-bus/default")),
  ],
});
await connect.send(new AssociateLambdaFunctionCommand({ InstanceId, FunctionArn: askMood }));

const listen = {
  VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"] },
  VoiceAnalyticsBehavior: {
    Enabled: "True",
    AnalyticsLanguage: "en-US",
    AnalyticsModes: ["PostContact"],
    SentimentConfiguration: { Enabled: "True" },
  },
};
const decide = action("decide", "Compare", { ComparisonValue: "$.External.mood" }, "all", ["NoMatchingCondition"]);
decide.Transitions.Conditions = [{ NextAction: "why", Condition: { Operator: "Equals", Operands: ["UNHAPPY"] } }];
const flowId = await createFlow(InstanceId, "by mood", [
  action("listen", "UpdateContactRecordingAndAnalyticsBehavior", { VoiceBehavior: listen }, "ask", [
    "NoMatchingError",
    "ChannelMismatch",
  ]),
  // A function that fails or takes too long costs the caller eight seconds at most, and their place before the others.
  action(
    "ask",
    "InvokeLambdaFunction",
    { LambdaFunctionARN: askMood, InvocationTimeLimitSeconds: "8" },
    "decide",
    ["NoMatchingError"],
    "all",
  ),
  decide,
  action(
    "why",
    "UpdateContactAttributes",
    { Attributes: { mood: "$.External.mood", since: "$.External.since" } },
    "care",
  ),
  action("care", "UpdateContactTargetQueue", { QueueId: care.QueueId }, "wait"),
  action("all", "UpdateContactTargetQueue", { QueueId: queue.Id }, "wait"),
  action("wait", "TransferContactToQueue", {}, "bye", ["QueueAtCapacity", "NoMatchingError"]),
  action("bye", "DisconnectParticipant", {}),
]);

// --- two customers call twice -----------------------------------------------------------------------------------------

const PHONES = { Mara: "+12065550142", Ole: "+12065550143" };
const SAID = {
  Mara: "This is terrible. I am really angry, nobody ever helps me!",
  Ole: "Great, thank you so much, you were very helpful!",
};

// The first time nobody knows them, and each is served as they come.
await centre.setStatus("ada", "Available");
for (const [customer, text] of Object.entries(SAID)) {
  const contactId = await centre.call(PHONES[customer], flowId);
  await advance("PT10S");
  await tellWhere(customer, contactId);
  await centre.act("ada", "accept", contactId);
  await control("POST", `contacts/${InstanceId}/${contactId}/say`, { speaker: "CUSTOMER", text, seconds: 4 });
  await advance("PT10S");
  await centre.hangUp(contactId);
  await centre.act("ada", "clear", contactId);
  await advance("PT1M");
}

// The second time nobody is free, and Ole calls a minute before Mara.
await centre.setStatus("ada", "Offline");
const again = {};
for (const customer of ["Ole", "Mara"]) {
  again[customer] = await centre.call(PHONES[customer], flowId);
  await advance("PT1M");
  await tellWhere(customer, again[customer]);
}
await centre.setStatus("ada", "Available");
await advance("PT1S");
for (const [customer, contactId] of Object.entries(again)) {
  const { offeredTo } = await control("GET", `contacts/${InstanceId}/${contactId}`);
  console.log(`${customer} ${offeredTo ? "is served first" : "still waits"}`);
}

const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
for (const { Body } of Messages) console.log(`supervisors hear ${Body}`);

/** In which queue a caller waits, and how their way through the flow went. */
async function tellWhere(customer, ContactId) {
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
  const { Queue } = await connect.send(new DescribeQueueCommand({ InstanceId, QueueId: Contact.QueueInfo.Id }));
  const { flows } = await control("GET", `contacts/${InstanceId}/${ContactId}`);
  const way = flows[0].steps.map(({ action, result }) => (result ? `${action} (${result})` : action));
  console.log(`${customer} waits in ${Queue.Name}: ${way.join(", ")}`);
}
