/** Flows that AppFlow's own API makes, changes and deletes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateFlowCommand,
  type CreateFlowRequest,
  DeleteFlowCommand,
  DescribeFlowCommand,
  ListTagsForResourceCommand,
  StartFlowCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFlowCommand,
} from "@aws-sdk/client-appflow";
import { DeleteIntegrationCommand, PutIntegrationCommand } from "@aws-sdk/client-customer-profiles";
import { FlowWorld } from "./flow-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const world = new FlowWorld(server);
const { appflow, profiles } = world;
await world.openBucket("guests");

/** Reads `in/` of the bucket `guests` into the domain's guests, on demand. */
function flowInto(domainName: string, flowName: string, more: Partial<CreateFlowRequest> = {}): CreateFlowRequest {
  return {
    flowName,
    sourceFlowConfig: {
      connectorType: "S3",
      sourceConnectorProperties: { S3: { bucketName: "guests", bucketPrefix: "in/" } },
    },
    destinationFlowConfigList: [
      {
        connectorType: "CustomerProfiles",
        destinationConnectorProperties: { CustomerProfiles: { domainName, objectTypeName: "Guest" } },
      },
    ],
    tasks: ["id", "name"].map((field) => ({ taskType: "Map", sourceFields: [field], destinationField: field })),
    triggerConfig: { triggerType: "OnDemand" },
    ...more,
  };
}

const hourly: Partial<CreateFlowRequest> = {
  triggerConfig: {
    triggerType: "Scheduled",
    triggerProperties: { Scheduled: { scheduleExpression: "rate(1hours)", dataPullMode: "Complete" } },
  },
};

test("a flow brings what it reads as the type that it names, tells its definition as it was given, and goes", async () => {
  await world.openDomain("hotel");
  await world.putFile("in/one.csv", "id,name,mail\n1,Ada,ada@example.com\n");
  const made = flowInto("hotel", "nightly", { description: "guests", tags: { team: "blue" } });
  const { flowArn, flowStatus } = await appflow.send(new CreateFlowCommand(made));
  assert.equal(flowStatus, "Active");
  const told = await appflow.send(new DescribeFlowCommand({ flowName: "nightly" }));
  const { sourceFlowConfig, destinationFlowConfigList, description, tags, kmsArn, triggerConfig } = told;
  assert.deepEqual(
    { sourceFlowConfig, destinationFlowConfigList, description, tags, kmsArn, triggerConfig },
    {
      sourceFlowConfig: made.sourceFlowConfig,
      destinationFlowConfigList: made.destinationFlowConfigList,
      description: "guests",
      tags: { team: "blue" },
      kmsArn: undefined,
      triggerConfig: made.triggerConfig,
    },
  );
  assert.deepEqual(
    told.tasks?.map(({ taskType, sourceFields, destinationField, connectorOperator }) => ({
      taskType,
      sourceFields,
      destinationField,
      ...(connectorOperator && { connectorOperator }),
    })),
    made.tasks,
  );

  await appflow.send(new StartFlowCommand({ flowName: "nightly" }));
  await server.advance("PT1M");
  assert.deepEqual(await world.guest("hotel", "1"), { id: "1", name: "Ada" });

  const tasks = [...(made.tasks ?? []), { taskType: "Map" as const, sourceFields: ["mail"], destinationField: "mail" }];
  await appflow.send(new UpdateFlowCommand({ ...made, tasks }));
  await appflow.send(new StartFlowCommand({ flowName: "nightly" }));
  await server.advance("PT1M");
  assert.deepEqual(await world.guest("hotel", "1"), { id: "1", name: "Ada", mail: "ada@example.com" });

  await assert.rejects(appflow.send(new CreateFlowCommand(made)), { name: "ConflictException" });
  await appflow.send(new TagResourceCommand({ resourceArn: flowArn, tags: { cost: "low" } }));
  await appflow.send(new UntagResourceCommand({ resourceArn: flowArn, tagKeys: ["team"] }));
  const listed = await appflow.send(new ListTagsForResourceCommand({ resourceArn: flowArn }));
  assert.deepEqual(listed.tags, { cost: "low" });
  await appflow.send(new DeleteFlowCommand({ flowName: "nightly" }));
  const gone = { name: "ResourceNotFoundException" };
  await assert.rejects(appflow.send(new DescribeFlowCommand({ flowName: "nightly" })), gone);
  await assert.rejects(appflow.send(new DeleteFlowCommand({ flowName: "nightly" })), gone);
  await assert.rejects(appflow.send(new ListTagsForResourceCommand({ resourceArn: flowArn })), gone);
});

test("a flow with a schedule is a draft until it is started, and an integration that names it leaves it alone", async () => {
  await world.openDomain("inn");
  const { flowArn, flowStatus } = await appflow.send(new CreateFlowCommand(flowInto("inn", "hourly", hourly)));
  assert.equal(flowStatus, "Draft");
  await server.advance("PT3H");
  assert.deepEqual(await world.runs("hourly"), []);
  await appflow.send(new StartFlowCommand({ flowName: "hourly" }));
  assert.equal(await world.status("hourly"), "Active");
  await server.advance("PT2H");
  assert.ok((await world.runs("hourly")).length >= 1);

  await world.openDomain("elsewhere");
  const put = { ObjectTypeName: "Guest", Uri: flowArn };
  await assert.rejects(profiles.send(new PutIntegrationCommand({ ...put, DomainName: "elsewhere" })), {
    name: "BadRequestException",
    message: /does not lead to domain elsewhere/,
  });
  await profiles.send(new PutIntegrationCommand({ ...put, DomainName: "inn" }));
  await profiles.send(new DeleteIntegrationCommand({ DomainName: "inn", Uri: flowArn }));
  assert.equal(await world.status("hourly"), "Active");
});

test("what a flow cannot do here is refused by the member that asks for it", async () => {
  const refusal = (more: Partial<CreateFlowRequest>): Promise<string> =>
    appflow.send(new CreateFlowCommand(flowInto("hotel", "refused", more))).then(
      () => "made",
      ({ name, message }: Error) => `${name} ${message}`,
    );
  const s3 = { S3: { bucketName: "guests" } };
  const toS3 = { connectorType: "S3" as const, destinationConnectorProperties: s3 };
  assert.equal(
    await refusal({ destinationFlowConfigList: [toS3] }),
    "ValidationException destinationFlowConfigList[0].connectorType: S3 is not built; flows lead to CustomerProfiles",
  );
  assert.equal(
    await refusal({ tasks: [{ taskType: "Map_all", sourceFields: [] }] }),
    "ValidationException tasks[0].taskType: Map_all is not built",
  );
  assert.equal(
    await refusal({ sourceFlowConfig: { connectorType: "Slack", sourceConnectorProperties: {} } }),
    "ValidationException sourceFlowConfig.connectorType: Slack is not built",
  );
  assert.equal(
    await refusal({ sourceFlowConfig: { connectorType: "Zendesk", sourceConnectorProperties: s3 } }),
    "ValidationException sourceFlowConfig.sourceConnectorProperties.S3: the ConnectorType is Zendesk",
  );
});
