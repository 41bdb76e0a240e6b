/** Calls to be measured that are analysed while they go on, in a server of their own. */
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateContactFlowCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import type { Figures } from "../measure.ts";
import { type ContactCentre, openContactCentre, signIn } from "./contact-centre.ts";
import { call } from "./load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./processes.ts";
import { SignedConnection } from "./signed-connection.ts";

/** Segments go to the one stream; the other is to compare with. */
export const SEGMENTS = "segments";
export const COMPARED = "compared";

export interface Calls {
  readonly server: ServerProcess;
  readonly centre: ContactCentre;
  readonly connection: SignedConnection;
  /** Switches analytics on and queues the call. */
  readonly flowId: string;
}

/** A server with a contact centre whose agents are available, and whose calls are analysed. */
export function withCalls(
  size: { readonly teams: number; readonly agentsOfTeam: number },
  use: (calls: Calls) => Promise<Figures>,
): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const centre = await openContactCentre(server.url, size);
    const flowId = await analyse(server.url, centre);
    const connection = await SignedConnection.open(server.url);
    for (const { agentIds } of centre.teams) {
      // One after another: the order of signing in is that of being idle, so that of offers.
      for (const agentId of agentIds) await signIn(connection, centre, agentId);
    }
    const figures = await use({ server, centre, connection, flowId });
    connection.close();
    await server.stop();
    return figures;
  });
}

/** Allows and streams analyses, and answers with a flow that asks for them. */
async function analyse(url: string, { instanceId: InstanceId }: ContactCentre): Promise<string> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const connect = new ConnectClient({ endpoint: url, region: "us-east-1", credentials });
  for (const StreamName of [SEGMENTS, COMPARED]) {
    await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName, ShardCount: 1 });
  }
  const StreamArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${SEGMENTS}`;
  await connect.send(
    new AssociateInstanceStorageConfigCommand({
      InstanceId,
      ResourceType: "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS",
      StorageConfig: { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn } },
    }),
  );
  await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
  const flow = { InstanceId, Name: "analysed", Type: "CONTACT_FLOW", Content: FLOW } as const;
  const { ContactFlowId = "" } = await connect.send(new CreateContactFlowCommand(flow));
  connect.destroy();
  return ContactFlowId;
}

const FLOW = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "analyse",
  Metadata: {},
  Actions: [
    {
      Identifier: "analyse",
      Type: "UpdateContactRecordingAndAnalyticsBehavior",
      Parameters: {
        VoiceBehavior: {
          VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"] },
          VoiceAnalyticsBehavior: {
            Enabled: "True",
            AnalyticsLanguage: "en-GB",
            AnalyticsModes: ["RealTime"],
            SentimentConfiguration: { Enabled: "True" },
          },
        },
      },
      Transitions: { NextAction: "queue", Errors: errors("NoMatchingError", "ChannelMismatch"), Conditions: [] },
    },
    {
      Identifier: "queue",
      Type: "TransferContactToQueue",
      Parameters: {},
      Transitions: { NextAction: "end", Errors: errors("QueueAtCapacity", "NoMatchingError"), Conditions: [] },
    },
    { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
  ],
});

function errors(...types: readonly string[]): object[] {
  return types.map((ErrorType) => ({ ErrorType, NextAction: "end" }));
}

interface Answering {
  readonly queueId: string;
  readonly agentId: string;
  readonly flowId: string;
}

export async function answeredCall(
  connection: SignedConnection,
  { instanceId }: ContactCentre,
  { queueId, agentId, flowId: contactFlowId }: Answering,
): Promise<string> {
  const arrival = { channel: "VOICE", from: "+447700900123", to: "+442079460100", queueId, contactFlowId };
  const path = `/_trunkline/contacts/${instanceId}`;
  const { contactId } = await connection.post<{ contactId: string }>(path, arrival);
  await connection.post(`/_trunkline/agents/${instanceId}/${agentId}/accept`, { contactId });
  return contactId;
}

export async function latestOf(url: string, StreamName: string): Promise<string> {
  const ShardId = "shardId-000000000000";
  const from = { StreamName, ShardId, ShardIteratorType: "LATEST" };
  return (await call(url, "kinesis", "Kinesis_20131202.GetShardIterator", from)).ShardIterator;
}
