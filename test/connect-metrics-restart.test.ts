/** Metrics are as durable as what they are made of: after a restart, and after a kill, they say what they said before. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import {
  ConnectClient,
  type CurrentMetricName,
  GetCurrentMetricDataCommand,
  GetCurrentUserDataCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  GetMetricDataV2Command,
} from "@aws-sdk/client-connect";
import { openCentre } from "./contact-centre.ts";
import { spawnTrunkline, startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };
const FIVE_MINUTES_MS = 5 * 60_000;

interface Place {
  readonly InstanceId: string;
  readonly queueId: string;
  readonly profileId: string;
  readonly startMs: number;
  readonly nowMs: number;
}

/** Everything that metrics say of the queue and its agents. */
async function everything(connect: ConnectClient, place: Place): Promise<unknown> {
  const { InstanceId, queueId, profileId, startMs, nowMs } = place;
  const names: CurrentMetricName[] = ["AGENTS_ONLINE", "AGENTS_ON_CONTACT", "SLOTS_ACTIVE", "CONTACTS_IN_QUEUE"];
  const current = await connect.send(
    new GetCurrentMetricDataCommand({
      InstanceId,
      Filters: { Queues: [queueId] },
      CurrentMetrics: [...names, "OLDEST_CONTACT_AGE" as const, "ESTIMATED_WAIT_TIME" as const].map((Name) => ({
        Name,
      })),
    }),
  );
  const Filters = { RoutingProfiles: [profileId] };
  const users = await connect.send(new GetCurrentUserDataCommand({ InstanceId, Filters }));
  const historical = (FilterKey: string, id: string, metrics: readonly string[]) =>
    connect.send(
      new GetMetricDataV2Command({
        ResourceArn: `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`,
        StartTime: new Date(startMs),
        EndTime: new Date(nowMs),
        Filters: [{ FilterKey, FilterValues: [id] }],
        Metrics: metrics.map((Name) => ({ Name })),
      }),
    );
  const ofQueue = await historical("QUEUE", queueId, ["CONTACTS_HANDLED", "AVG_HANDLE_TIME", "AGENT_NON_RESPONSE"]);
  const ofAgents = await historical("ROUTING_PROFILE", profileId, ["SUM_IDLE_TIME_AGENT", "AGENT_OCCUPANCY"]);
  const older: GetMetricDataCommandInput = {
    InstanceId,
    StartTime: new Date(startMs),
    EndTime: new Date(Math.ceil(nowMs / FIVE_MINUTES_MS) * FIVE_MINUTES_MS),
    Filters: { Queues: [queueId] },
    HistoricalMetrics: [
      { Name: "CONTACTS_ABANDONED", Unit: "COUNT", Statistic: "SUM" },
      { Name: "OCCUPANCY", Unit: "PERCENT", Statistic: "AVG" },
    ],
  };
  const last = await connect.send(new GetMetricDataCommand(older));
  const said = [current.MetricResults, users.UserDataList, ofQueue.MetricResults, ofAgents.MetricResults];
  return JSON.parse(JSON.stringify([...said, last.MetricResults]));
}

test("metrics are the same after a restart and after a kill", async () => {
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder);
  const centre = await openCentre(server);
  const { InstanceId, queueId, profileId } = centre;
  const now = () => server.app.platform().clock.now();
  await server.advance(`PT${(FIVE_MINUTES_MS - (now() % FIVE_MINUTES_MS)) / 1_000}S`);
  const startMs = now();
  const [priya, tom] = [await centre.agent("priya"), await centre.agent("tom")];
  const handled = await centre.arrive(CALL);
  const agentOf = async () => ((await centre.view(priya)).contacts.some(({ id }) => id === handled) ? priya : tom);
  const agent = await agentOf();
  await server.advance("PT5S");
  await centre.act(agent, "accept", { contactId: handled });
  await server.advance("PT50S");
  await centre.customer(handled, "hang-up");
  await server.advance("PT7M");
  await centre.act(agent, "clear", { contactId: handled });
  const calls = [await centre.arrive(CALL), await centre.arrive(CALL), await centre.arrive(CALL)];
  await server.advance("PT9S");
  await centre.customer(calls[2] ?? "", "hang-up");
  await server.advance("PT63M");

  const place = { InstanceId, queueId, profileId, startMs, nowMs: now() };
  const before = await everything(centre.connect, place);
  centre.connect.destroy();
  await server.close();

  const asked = async (url: string) => {
    const connect = new ConnectClient({ ...server.client, endpoint: url });
    const answer = await everything(connect, place);
    connect.destroy();
    return answer;
  };
  const second = await spawnTrunkline(folder);
  assert.deepEqual(await asked(second.url), before, "after a restart");

  const path = `/_trunkline/agents/${InstanceId}/${priya}/sign-out`;
  const signedOut = await sendSigned(second.url, { service: "connect", path, body: "{}" });
  assert.equal(signedOut.status, 200);
  const changed = await asked(second.url);
  assert.notDeepEqual(changed, before);
  const ended = once(second.child, "exit");
  second.child.kill("SIGKILL");
  await ended;
  const third = await spawnTrunkline(folder);
  assert.deepEqual(await asked(third.url), changed, "after a kill");
});
