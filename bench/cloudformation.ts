/**
 * A stack of 50 resources (queues, topics, streams, log groups, rules of a bus), created, updated and deleted on a data folder: resources a
 * second, each of them durable, and noted before and after. Nobody publishes such figures, so these are held against a floor of ours.
 */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const KINDS = 5;
const RESOURCES = 50;
const FLOOR_PER_SECOND = 20;

export async function run(): Promise<void> {
  const figures = await rounds([{ name: "stack", run: lifeOfAStack }]);
  const side = figures.get("stack");
  const acts = ["created", "updated", "deleted"];
  printTable(`A stack of ${RESOURCES} resources, durable`, [
    ["", "resources/s"],
    ...acts.map((act) => [act, spread(side, act)]),
  ]);
  for (const act of acts) printBudget(`resources ${act} a second`, median(side, act), { atLeast: FLOOR_PER_SECOND });
}

function template(value: number): string {
  const resources = Array.from({ length: RESOURCES / KINDS }, (_, row) => ({
    [`Queue${row}`]: { Type: "AWS::SQS::Queue", Properties: { DelaySeconds: value } },
    [`Topic${row}`]: { Type: "AWS::SNS::Topic", Properties: { DisplayName: `n${value}` } },
    [`Stream${row}`]: { Type: "AWS::Kinesis::Stream", Properties: { RetentionPeriodHours: 24 + value } },
    [`Logs${row}`]: { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: value } },
    [`Rule${row}`]: {
      Type: "AWS::Events::Rule",
      Properties: {
        Description: `n${value}`,
        EventPattern: { source: ["aws.connect"] },
        Targets: [{ Id: "queue", Arn: { "Fn::GetAtt": [`Queue${row}`, "Arn"] } }],
      },
    },
  }));
  return JSON.stringify({ Resources: Object.assign({}, ...resources) });
}

function lifeOfAStack(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const stacks = new CloudFormationClient({
      endpoint: server.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const StackName = "bench";
    const { StackId, perSecond: created } = await timed(stacks, "CREATE_COMPLETE", () =>
      stacks.send(new CreateStackCommand({ StackName, TemplateBody: template(1) })),
    );
    const { perSecond: updated } = await timed(stacks, "UPDATE_COMPLETE", () =>
      stacks.send(new UpdateStackCommand({ StackName, TemplateBody: template(3) })),
    );
    const { perSecond: deleted } = await timed(stacks, "DELETE_COMPLETE", async () => {
      await stacks.send(new DeleteStackCommand({ StackName }));
      return { StackId };
    });
    await server.stop();
    return { created, updated, deleted };
  });
}

/** From the call until the stack says that it is through. */
async function timed(
  stacks: CloudFormationClient,
  wanted: string,
  begin: () => Promise<{ readonly StackId?: string | undefined }>,
): Promise<{ readonly StackId: string | undefined; readonly perSecond: number }> {
  const startMs = performance.now();
  const { StackId } = await begin();
  let status: string | undefined;
  do {
    const { Stacks: [stack] = [] } = await stacks.send(new DescribeStacksCommand({ StackName: StackId }));
    status = stack?.StackStatus;
  } while (status?.endsWith("_IN_PROGRESS"));
  if (status !== wanted) throw new Error(`The stack is ${status}, not ${wanted}`);
  return { StackId, perSecond: RESOURCES / ((performance.now() - startMs) / 1000) };
}
