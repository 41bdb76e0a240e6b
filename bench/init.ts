/**
 * What an init file of 200 resources adds to a start: when all of it is made, and when all of it is there already. An instance with hours,
 * queues, a routing profile and users; SQS queues; rules of the default bus, each with a target. Beside it what such calls take one after
 * the other: machines differ, and so do their disks.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { callTo } from "../src/cli/apply.ts";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const RESOURCES = 200;
const CALLS_ALONE = 50;

export async function run(): Promise<void> {
  const figures = await rounds([{ name: "200 resources", run: () => withDataFolder(startThrice) }]);
  const [side] = figures.values();
  const columns = ["plainMs", "madeMs", "againMs"];
  printTable("Start to ready with an init file, ms, durable", [
    ["", "without", "all made", "all there"],
    ...[...figures].map(([name, one]) => [name, ...columns.map((column) => spread(one, column))]),
  ]);
  const plainMs = median(side, "plainMs");
  const madeMs = (median(side, "madeMs") - plainMs) / RESOURCES;
  printBudget("ms a resource that is made", madeMs, { atMost: 20 });
  printBudget("calls one after the other that it takes as long as", madeMs / median(side, "callMs"), { atMost: 3 });
  printBudget("ms a resource that is there", (median(side, "againMs") - plainMs) / RESOURCES, { atMost: 20 });
}

async function startThrice(folder: string): Promise<Figures> {
  const file = join(folder, "init.json");
  writeFileSync(file, JSON.stringify(resources()));
  const started = async (name: string, ...flags: string[]): Promise<number> => {
    const beganMs = performance.now();
    const server = await startProcess("trunkline", ["--data", join(folder, name), ...flags]);
    const tookMs = performance.now() - beganMs;
    callMs = await callAloneMs(server.url);
    await server.stop();
    return tookMs;
  };
  let callMs = 0;
  return {
    plainMs: await started("plain"),
    madeMs: await started("made", "--init", file),
    againMs: await started("made", "--init", file),
    callMs,
  };
}

/** What one change takes whose answer is waited for before the next. */
async function callAloneMs(url: string): Promise<number> {
  const call = callTo({ url: new URL(url), names: [], flags: {}, region: "us-east-1" });
  const beganMs = performance.now();
  for (let i = 0; i < CALLS_ALONE; i++) await call("sqs", "CreateQueue", { QueueName: `alone-${beganMs | 0}-${i}` });
  return (performance.now() - beganMs) / CALLS_ALONE;
}

function resources(): object {
  const of = (count: number, make: (index: number) => object): object[] =>
    Array.from({ length: count }, (_, i) => make(i));
  return {
    SqsQueues: of(40, (i) => ({ QueueName: `q-${i}` })),
    EventBuses: [
      {
        Name: "default",
        EventRules: of(40, (i) => ({
          Name: `r-${i}`,
          EventPattern: { source: [`s-${i}`] },
          Targets: [{ Id: "q", Arn: `\${SqsQueues.q-${i}.Arn}` }],
        })),
      },
    ],
    Instances: [
      {
        InstanceAlias: "bench",
        IdentityManagementType: "CONNECT_MANAGED",
        InboundCallsEnabled: true,
        OutboundCallsEnabled: true,
        HoursOfOperations: [
          {
            Name: "Office",
            TimeZone: "UTC",
            Config: [{ Day: "MONDAY", StartTime: { Hours: 8, Minutes: 0 }, EndTime: { Hours: 18, Minutes: 0 } }],
          },
        ],
        Queues: of(36, (i) => ({ Name: `Queue ${i}`, HoursOfOperationId: "Office" })),
        RoutingProfiles: [
          {
            Name: "All",
            Description: "All",
            DefaultOutboundQueueId: "Queue 0",
            MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
          },
        ],
        Users: of(40, (i) => ({
          Username: `agent-${i}`,
          Password: "Trunkline-1",
          IdentityInfo: { FirstName: "An", LastName: "Agent", Email: `agent-${i}@example.com` },
          PhoneConfig: { PhoneType: "SOFT_PHONE" },
          RoutingProfileId: "All",
          SecurityProfileIds: ["Agent"],
        })),
      },
    ],
  };
}
