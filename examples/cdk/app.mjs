/**
 * A contact centre with the AWS CDK: an instance with its queue, flow and agents, contact events on a stream, and a function that is told of
 * contacts that end. README.md beside it says how it is deployed to Trunkline.
 */
import { App, CfnOutput, CliCredentialsStackSynthesizer, Stack } from "aws-cdk-lib";
import * as connect from "aws-cdk-lib/aws-connect";
import { Rule } from "aws-cdk-lib/aws-events";
import { KinesisStream, LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Stream, StreamMode } from "aws-cdk-lib/aws-kinesis";
import { Code, Function as NodeFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Queue } from "aws-cdk-lib/aws-sqs";

class Centre extends Stack {
  constructor(scope, id) {
    // With the keys of whoever deploys, so that no account is to be bootstrapped with roles.
    super(scope, id, { synthesizer: new CliCredentialsStackSynthesizer() });

    const instance = new connect.CfnInstance(this, "Instance", {
      instanceAlias: "cdk-centre",
      identityManagementType: "CONNECT_MANAGED",
      attributes: { inboundCalls: true, outboundCalls: true, contactLens: true },
    });
    const instanceArn = instance.attrArn;
    const hours = new connect.CfnHoursOfOperation(this, "Hours", {
      instanceArn,
      name: "Office",
      timeZone: "Europe/London",
      config: [{ day: "MONDAY", startTime: { hours: 8, minutes: 0 }, endTime: { hours: 18, minutes: 0 } }],
    });
    const support = new connect.CfnQueue(this, "Support", {
      instanceArn,
      name: "Support",
      hoursOfOperationArn: hours.attrHoursOfOperationArn,
      // cdk deploy --context maxContacts=20
      maxContacts: Number(this.node.tryGetContext("maxContacts") ?? 10),
    });
    const flow = new connect.CfnContactFlow(this, "Greeting", {
      instanceArn,
      name: "Greeting",
      type: "CONTACT_FLOW",
      content: JSON.stringify({
        Version: "2019-10-30",
        StartAction: "end",
        Metadata: {},
        Actions: [{ Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} }],
      }),
    });

    const events = new Stream(this, "Events", { streamMode: StreamMode.PROVISIONED, shardCount: 1 });
    new Rule(this, "Contacts", { eventPattern: { source: ["aws.connect"] }, targets: [new KinesisStream(events)] });

    const lost = new Queue(this, "Lost");
    const noteEnd = new NodeFunction(this, "NoteEnd", {
      runtime: Runtime.NODEJS_22_X,
      handler: "note-end.handler",
      code: Code.fromAsset("functions"),
      deadLetterQueue: lost,
    });
    new Rule(this, "Ends", {
      eventPattern: { source: ["aws.connect"], detail: { eventType: ["DISCONNECTED"] } },
      targets: [new LambdaFunction(noteEnd)],
    });

    new CfnOutput(this, "InstanceArn", { value: instanceArn });
    new CfnOutput(this, "FlowArn", { value: flow.attrContactFlowArn });
    new CfnOutput(this, "QueueArn", { value: support.attrQueueArn });
    new CfnOutput(this, "EventsName", { value: events.streamName });
    new CfnOutput(this, "FunctionName", { value: noteEnd.functionName });
  }
}

new Centre(new App(), "Centre");
