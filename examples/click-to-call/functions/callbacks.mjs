/**
 * Somebody wants to be called. With a free agent they are dialled and connected; without one they are dialled to be told so, and keep
 * their place in the queue as a callback, which an agent takes before the customer is dialled again.
 */
import { ConnectClient, GetCurrentMetricDataCommand, StartOutboundVoiceContactCommand } from "@aws-sdk/client-connect";

const { INSTANCE_ID: InstanceId, QUEUE_ID, AGENT_FLOW, CALLBACK_FLOW } = process.env;
const connect = new ConnectClient({});

export async function handler(event) {
  const { phone } = JSON.parse(event.body);
  const { MetricResults = [] } = await connect.send(
    new GetCurrentMetricDataCommand({
      InstanceId,
      Filters: { Queues: [QUEUE_ID], Channels: ["VOICE"] },
      CurrentMetrics: [{ Name: "AGENTS_AVAILABLE", Unit: "COUNT" }],
    }),
  );
  const isFree = (MetricResults[0]?.Collections[0]?.Value ?? 0) > 0;
  const { ContactId } = await connect.send(
    new StartOutboundVoiceContactCommand({
      InstanceId,
      ContactFlowId: isFree ? AGENT_FLOW : CALLBACK_FLOW,
      QueueId: QUEUE_ID,
      SourcePhoneNumber: "+12065550000",
      DestinationPhoneNumber: phone,
      ClientToken: event.requestContext.requestId,
    }),
  );
  console.log(`${isFree ? "connects" : "queues"} ${ContactId}`);
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ contactId: ContactId, agentIsFree: isFree }),
  };
}
