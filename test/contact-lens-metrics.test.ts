/** Metrics of calls that conversational analytics have heard. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateContactFlowCommand,
  GetMetricDataV2Command,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { analysedCalls } from "./analysed-flows.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId, queueId } = centre;
const agent = await centre.agent("vera");
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
after(() => connect.destroy());

/** Seconds since the agent took the call. */
interface Turn {
  readonly speaker: "AGENT" | "CUSTOMER";
  readonly at: number;
  readonly seconds: number;
}

/** The last turn of the agent begins two seconds before the customer has ended, after five seconds of silence. */
const CALLS: readonly (readonly Turn[])[] = [
  [
    { speaker: "AGENT", at: 0, seconds: 4 },
    { speaker: "CUSTOMER", at: 9, seconds: 6 },
    { speaker: "AGENT", at: 13, seconds: 3 },
  ],
  [{ speaker: "CUSTOMER", at: 1, seconds: 3 }],
];

const now = () => server.app.platform().clock.now();

test("talk, silence and interruptions of calls come to their averages, and calls that nobody analysed do not count", async () => {
  const startMs = Math.floor(now() / 300_000) * 300_000;
  const flow = { InstanceId, Name: "analysed", Type: "CONTACT_FLOW", Content: analysedCalls(queueId, {}) } as const;
  const { ContactFlowId: contactFlowId = "" } = await connect.send(new CreateContactFlowCommand(flow));
  for (const turns of [...CALLS, undefined]) {
    const contactId = await centre.arrive({ channel: "VOICE", ...(turns && { contactFlowId }) });
    await centre.act(agent, "accept", { contactId });
    const answeredMs = now();
    for (const { speaker, at, seconds } of turns ?? []) {
      const time = new Date(answeredMs + at * 1_000).toISOString();
      await centre.customer(contactId, "say", { speaker, text: "Some words.", seconds, at: time });
    }
    await server.advance("PT20S");
    await centre.customer(contactId, "hang-up");
    await centre.act(agent, "clear", { contactId });
  }
  await server.advance("PT5M");

  const names = [
    ...["AVG_CONVERSATION_DURATION", "AVG_TALK_TIME", "AVG_TALK_TIME_AGENT", "AVG_TALK_TIME_CUSTOMER"],
    ...["AVG_NON_TALK_TIME", "AVG_INTERRUPTIONS_AGENT", "AVG_INTERRUPTION_TIME_AGENT"],
    ...["PERCENT_TALK_TIME", "PERCENT_TALK_TIME_AGENT", "PERCENT_TALK_TIME_CUSTOMER", "PERCENT_NON_TALK_TIME"],
    "CONTACTS_HANDLED",
  ];
  const { MetricResults = [] } = await connect.send(
    new GetMetricDataV2Command({
      ResourceArn: `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`,
      StartTime: new Date(startMs),
      EndTime: new Date(now()),
      Filters: [{ FilterKey: "QUEUE", FilterValues: [queueId] }],
      Metrics: names.map((Name) => ({ Name })),
    }),
  );
  const values = MetricResults[0]?.Collections?.map(({ Metric, Value }) => [Metric?.Name, Value]);
  assert.deepEqual(Object.fromEntries(values ?? []), {
    AVG_CONVERSATION_DURATION: 10,
    AVG_TALK_TIME: 8,
    AVG_TALK_TIME_AGENT: 3.5,
    AVG_TALK_TIME_CUSTOMER: 4.5,
    AVG_NON_TALK_TIME: 2.5,
    AVG_INTERRUPTIONS_AGENT: 0.5,
    AVG_INTERRUPTION_TIME_AGENT: 1,
    PERCENT_TALK_TIME: 80,
    PERCENT_TALK_TIME_AGENT: 35,
    PERCENT_TALK_TIME_CUSTOMER: 45,
    PERCENT_NON_TALK_TIME: 25,
    CONTACTS_HANDLED: 3,
  });
});
