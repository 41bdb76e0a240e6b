/** Integration associations and their use cases, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectClient,
  CreateInstanceCommand,
  CreateIntegrationAssociationCommand,
  type CreateIntegrationAssociationCommandInput,
  CreateUseCaseCommand,
  DeleteInstanceCommand,
  DeleteIntegrationAssociationCommand,
  DeleteUseCaseCommand,
  ListIntegrationAssociationsCommand,
  ListTagsForResourceCommand,
  ListUseCasesCommand,
  paginateListIntegrationAssociations,
  paginateListUseCases,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-connect";
import { integrationAssociations } from "../src/services/connect/integration-associations.ts";
import { useCases } from "../src/services/connect/use-cases.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";
const HELPDESK = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/helpdesk";
const NO_DOMAIN = `arn:aws:cases:us-east-1:000000000000:domain/${NOBODY}`;

await call(server.url, "appintegrations", "CreateEventIntegration", {
  Name: "helpdesk",
  EventFilter: { Source: "aws.partner/zendesk.com/1/default" },
  EventBridgeBus: "default",
});

async function newDomain(name: string): Promise<string> {
  return (await call(server.url, "connectcases", "CreateDomain", { name })).domainArn;
}

const DOMAIN = await newDomain("claims");

let instances = 0;

async function newInstance(): Promise<string> {
  const created = await client.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: `integrated-${++instances}`,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  return created.Id ?? "";
}

const associate = async (
  InstanceId: string,
  input: Omit<CreateIntegrationAssociationCommandInput, "InstanceId">,
): Promise<{ id: string; arn: string }> => {
  const answer = await client.send(new CreateIntegrationAssociationCommand({ InstanceId, ...input }));
  return { id: answer.IntegrationAssociationId ?? "", arn: answer.IntegrationAssociationArn ?? "" };
};

const refuses = (name: string, call: Promise<unknown>, words = /./): Promise<void> =>
  assert.rejects(call, (error: Error) => {
    assert.equal(error.name, name, error.message);
    assert.match(error.message, words);
    return true;
  });

test("an event integration is associated, listed with its source, and deleted after its use cases", async () => {
  const InstanceId = await newInstance();
  const { id: IntegrationAssociationId, arn } = await associate(InstanceId, {
    IntegrationType: "EVENT",
    IntegrationArn: HELPDESK,
    SourceApplicationUrl: "https://acme.zendesk.example",
    SourceApplicationName: "Acme Helpdesk",
    SourceType: "ZENDESK",
    Tags: { team: "support" },
  });
  assert.equal(
    arn,
    `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}/integration-association/${IntegrationAssociationId}`,
  );
  const listed = await client.send(new ListIntegrationAssociationsCommand({ InstanceId }));
  assert.deepEqual(listed.IntegrationAssociationSummaryList, [
    {
      IntegrationAssociationId,
      IntegrationAssociationArn: arn,
      InstanceId,
      IntegrationType: "EVENT",
      IntegrationArn: HELPDESK,
      SourceApplicationUrl: "https://acme.zendesk.example",
      SourceApplicationName: "Acme Helpdesk",
      SourceType: "ZENDESK",
    },
  ]);

  const within = { InstanceId, IntegrationAssociationId };
  const rules = await client.send(new CreateUseCaseCommand({ ...within, UseCaseType: "RULES_EVALUATION" }));
  assert.ok(rules.UseCaseArn?.endsWith(`/use-case/${rules.UseCaseId}`));
  await refuses(
    "DuplicateResourceException",
    client.send(new CreateUseCaseCommand({ ...within, UseCaseType: "RULES_EVALUATION" })),
  );
  await client.send(new CreateUseCaseCommand({ ...within, UseCaseType: "CONNECT_CAMPAIGNS" }));
  await refuses("InvalidRequestException", client.send(new DeleteIntegrationAssociationCommand(within)), /use cases/);

  const types: unknown[] = [];
  for await (const { UseCaseSummaryList } of paginateListUseCases({ client, pageSize: 1 }, { ...within })) {
    types.push(...(UseCaseSummaryList ?? []).map(({ UseCaseType }) => UseCaseType));
  }
  assert.deepEqual(types.sort(), ["CONNECT_CAMPAIGNS", "RULES_EVALUATION"]);

  const { UseCaseSummaryList } = await client.send(new ListUseCasesCommand(within));
  for (const { UseCaseId } of UseCaseSummaryList ?? []) {
    await client.send(new DeleteUseCaseCommand({ ...within, UseCaseId }));
  }
  await client.send(new DeleteIntegrationAssociationCommand(within));
  await refuses("ResourceNotFoundException", client.send(new DeleteIntegrationAssociationCommand(within)));
});

test("the same integration twice, and a second Cases domain or instance, are duplicates", async () => {
  const [one, other] = [await newInstance(), await newInstance()];
  const file = { IntegrationType: "FILE_SCANNER", IntegrationArn: "arn:aws:lambda:us-east-1:1:function:scan" } as const;
  await associate(one, file);
  await refuses("DuplicateResourceException", associate(one, file));
  await associate(one, { ...file, IntegrationType: "MESSAGE_PROCESSOR" });
  await associate(other, file);

  const domain = { IntegrationType: "CASES_DOMAIN", IntegrationArn: DOMAIN } as const;
  const { id: IntegrationAssociationId } = await associate(one, domain);
  await refuses("DuplicateResourceException", associate(other, domain), /one instance/);
  await refuses("DuplicateResourceException", associate(one, { ...domain, IntegrationArn: await newDomain("second") }));
  await client.send(new DeleteIntegrationAssociationCommand({ InstanceId: one, IntegrationAssociationId }));
  await associate(other, domain);
});

test("each type asks for what belongs to it", async () => {
  const InstanceId = await newInstance();
  const event = { IntegrationType: "EVENT", IntegrationArn: HELPDESK } as const;
  const wrong: readonly [Omit<CreateIntegrationAssociationCommandInput, "InstanceId">, RegExp][] = [
    [event, /SourceType/],
    [{ ...event, IntegrationArn: "helpdesk", SourceType: "ZENDESK" }, /not an ARN/],
    [{ ...event, IntegrationArn: DOMAIN, SourceType: "CASES" }, /event integration/],
    [{ ...event, IntegrationArn: HELPDESK.replace("us-east-1", "eu-west-2"), SourceType: "CASES" }, /Region/],
    [{ IntegrationType: "CASES_DOMAIN", IntegrationArn: HELPDESK }, /Cases domain/],
    [{ IntegrationType: "CASES_DOMAIN", IntegrationArn: DOMAIN, SourceType: "CASES" }, /of EVENT/],
    [{ IntegrationType: "APPLICATION", IntegrationArn: HELPDESK, SourceApplicationName: "x" }, /of EVENT/],
  ];
  for (const [input, words] of wrong) await refuses("InvalidRequestException", associate(InstanceId, input), words);
  await associate(InstanceId, { ...event, SourceType: "CASES" });
  await refuses("ResourceNotFoundException", associate(NOBODY, { ...event, SourceType: "CASES" }));
  const nothing = { IntegrationType: "CASES_DOMAIN", IntegrationArn: NO_DOMAIN } as const;
  await refuses("ResourceNotFoundException", associate(InstanceId, nothing), /Cases domain .* does not exist/);
});

test("associations are listed by type and ARN, page by page", async () => {
  const InstanceId = await newInstance();
  const made: string[] = [];
  for (const name of ["a", "b", "c"]) {
    const IntegrationArn = `arn:aws:app-integrations:us-east-1:000000000000:application/${name}`;
    made.push((await associate(InstanceId, { IntegrationType: "APPLICATION", IntegrationArn })).id);
  }
  const IntegrationArn = HELPDESK;
  const event = await associate(InstanceId, { IntegrationType: "EVENT", IntegrationArn, SourceType: "SALESFORCE" });

  const found: unknown[] = [];
  const applications = { InstanceId, IntegrationType: "APPLICATION" } as const;
  for await (const page of paginateListIntegrationAssociations({ client, pageSize: 1 }, { ...applications })) {
    assert.equal(page.IntegrationAssociationSummaryList?.length, 1);
    found.push(...(page.IntegrationAssociationSummaryList ?? []).map((summary) => summary.IntegrationAssociationId));
  }
  assert.deepEqual(found, [...made].sort());

  const list = (more: object) => client.send(new ListIntegrationAssociationsCommand({ InstanceId, ...more }));
  const byArn = await list({ IntegrationArn });
  assert.deepEqual(
    byArn.IntegrationAssociationSummaryList?.map((summary) => summary.IntegrationAssociationId),
    [event.id],
  );
  const first = await list({ MaxResults: 1 });
  await refuses("InvalidRequestException", list({ ...applications, NextToken: first.NextToken }));
  const within = { InstanceId, IntegrationAssociationId: event.id };
  await refuses("InvalidRequestException", client.send(new ListUseCasesCommand({ ...within, NextToken: "x" })));
});

test("use cases and associations are found in their own instance only, and can be tagged", async () => {
  const [InstanceId, elsewhere] = [await newInstance(), await newInstance()];
  const { id: IntegrationAssociationId, arn } = await associate(InstanceId, {
    IntegrationType: "EVENT",
    IntegrationArn: HELPDESK,
    SourceType: "ZENDESK",
  });
  const within = { InstanceId, IntegrationAssociationId };
  const UseCaseType = "RULES_EVALUATION";
  const made = await client.send(new CreateUseCaseCommand({ ...within, UseCaseType, Tags: { team: "support" } }));
  const { UseCaseId } = made;
  const missing = "ResourceNotFoundException";
  await refuses(missing, client.send(new CreateUseCaseCommand({ ...within, InstanceId: elsewhere, UseCaseType })));
  await refuses(missing, client.send(new ListUseCasesCommand({ ...within, InstanceId: elsewhere })));
  await refuses(missing, client.send(new DeleteUseCaseCommand({ ...within, UseCaseId: NOBODY })));
  await refuses(missing, client.send(new DeleteUseCaseCommand({ ...within, UseCaseId, InstanceId: elsewhere })));

  for (const resourceArn of [arn, made.UseCaseArn]) {
    await client.send(new TagResourceCommand({ resourceArn, tags: { tier: "gold", team: "care" } }));
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["tier"] }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { team: "care" });
  }
});

test("deleting an instance frees its Cases domain and leaves nothing behind", async () => {
  const [InstanceId, next] = [await newInstance(), await newInstance()];
  const IntegrationArn = await newDomain("freed");
  const { id: IntegrationAssociationId } = await associate(InstanceId, {
    IntegrationType: "CASES_DOMAIN",
    IntegrationArn,
  });
  await client.send(
    new CreateUseCaseCommand({ InstanceId, IntegrationAssociationId, UseCaseType: "RULES_EVALUATION" }),
  );
  await client.send(new DeleteInstanceCommand({ InstanceId }));
  await server.advance("PT1M");
  await associate(next, { IntegrationType: "CASES_DOMAIN", IntegrationArn });
  const { store } = server.app.platform();
  const left = [
    ...(await store.list(integrationAssociations, { limit: 100 })).documents,
    ...(await store.list(useCases, { limit: 100 })).documents,
  ];
  assert.ok(!left.some((document) => document.instanceId === InstanceId));
});
