/** Outbound campaigns, as the SDK sees them, and what they were asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectCampaignsV2Client,
  CreateCampaignCommand,
  DeleteCampaignCommand,
  DescribeCampaignCommand,
  ListCampaignsCommand,
  PutProfileOutboundRequestBatchCommand,
  StartCampaignCommand,
} from "@aws-sdk/client-connectcampaignsv2";
import { CreateDomainCommand, CreateProfileCommand, CustomerProfilesClient } from "@aws-sdk/client-customer-profiles";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const client = new ConnectCampaignsV2Client(server.client);
const other = new ConnectCampaignsV2Client(server.clientOf("other"));
const profiles = new CustomerProfilesClient(server.client);

const connectInstanceId = "6b45a7e5-fbbd-4996-8338-d7b789908f87";
const domainArn = "arn:aws:profile:us-east-1:000000000000:domains/shop";
const source = { eventTrigger: { customerProfilesDomainArn: domainArn } };
await profiles.send(new CreateDomainCommand({ DomainName: "shop", DefaultExpirationDays: 366 }));
const { ProfileId: profileId = "" } = await profiles.send(
  new CreateProfileCommand({ DomainName: "shop", FirstName: "Ina" }),
);

const refused = (name: string) => (error: Error) => error.name === name;

async function createCampaign(name: string, more: object = {}): Promise<string> {
  const { id = "" } = await client.send(new CreateCampaignCommand({ name, connectInstanceId, source, ...more }));
  return id;
}

test("a campaign is described as it was created, until it is deleted", async () => {
  const schedule = { startTime: new Date("2024-06-10T00:00:00Z"), endTime: new Date("2030-06-10T00:00:00Z") };
  const channelSubtypeConfig = {
    telephony: {
      outboundMode: { progressive: { bandwidthAllocation: 1.5 } },
      defaultOutboundConfig: { connectContactFlowId: "flow" },
    },
  };
  const tags = { team: "crm" };
  const created = await client.send(
    new CreateCampaignCommand({ name: "spring", connectInstanceId, source, schedule, channelSubtypeConfig, tags }),
  );
  assert.equal(created.arn, `arn:aws:connect-campaigns:us-east-1:000000000000:campaign/${created.id}`);
  const { campaign } = await client.send(new DescribeCampaignCommand({ id: created.id }));
  assert.deepEqual([campaign?.name, campaign?.source, campaign?.schedule], ["spring", source, schedule]);
  assert.deepEqual(campaign?.channelSubtypeConfig, channelSubtypeConfig);
  assert.deepEqual(campaign?.tags, tags);
  await assert.rejects(
    other.send(new DescribeCampaignCommand({ id: created.id })),
    refused("ResourceNotFoundException"),
  );
  await client.send(new DeleteCampaignCommand({ id: created.id }));
  await assert.rejects(
    client.send(new DescribeCampaignCommand({ id: created.id })),
    refused("ResourceNotFoundException"),
  );
  await assert.rejects(
    client.send(new DeleteCampaignCommand({ id: created.id })),
    refused("ResourceNotFoundException"),
  );
});

test("campaigns are listed by pages, of one instance or of all", async () => {
  const ids = [await createCampaign("a"), await createCampaign("b"), await createCampaign("c")];
  await createCampaign("elsewhere", { connectInstanceId: "another" });
  const found: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const filters = { instanceIdFilter: { value: connectInstanceId, operator: "Eq" } } as const;
    const page = await client.send(new ListCampaignsCommand({ maxResults: 2, filters, nextToken }));
    found.push(...(page.campaignSummaryList ?? []).map(({ id }) => id));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  assert.deepEqual(found, [...ids].sort());
  const all = await client.send(new ListCampaignsCommand({}));
  assert.ok(all.campaignSummaryList?.some(({ name }) => name === "elsewhere"));
  await assert.rejects(client.send(new ListCampaignsCommand({ nextToken: "made-up" })), refused("ValidationException"));
});

test("what a campaign cannot do is refused by its name", async () => {
  await createCampaign("taken");
  await assert.rejects(createCampaign("taken"), refused("ConflictException"));
  const customerProfilesSegmentArn = `${domainArn}/segment-definitions/loyal`;
  await assert.rejects(createCampaign("segment", { source: { customerProfilesSegmentArn } }), /segments are not built/);
  const nowhere = { eventTrigger: { customerProfilesDomainArn: `${domainArn}-2` } };
  await assert.rejects(createCampaign("nowhere", { source: nowhere }), refused("ResourceNotFoundException"));
  const schedule = { startTime: new Date(2), endTime: new Date(1) };
  await assert.rejects(createCampaign("backwards", { schedule }), refused("ValidationException"));
  const id = await createCampaign("started");
  await assert.rejects(client.send(new StartCampaignCommand({ id })), /StartCampaign is not built/i);
});

test("each request of a batch succeeds or fails by itself, and a client token asks once", async () => {
  const id = await createCampaign("asked");
  const put = (...profileOutboundRequests: { clientToken: string; profileId: string; expirationTime?: Date }[]) =>
    client.send(new PutProfileOutboundRequestBatchCommand({ id, profileOutboundRequests }));
  const first = await put(
    { clientToken: "one", profileId },
    { clientToken: "unknown", profileId: "0".repeat(32) },
    { clientToken: "late", profileId, expirationTime: new Date(0) },
  );
  assert.deepEqual(
    first.successfulRequests?.map(({ clientToken }) => clientToken),
    ["one"],
  );
  assert.deepEqual(
    first.failedRequests?.map(({ clientToken, failureCode }) => [clientToken, failureCode]),
    [
      ["unknown", "ResourceNotFound"],
      ["late", "InvalidInput"],
    ],
  );
  const again = await put(
    { clientToken: "one", profileId },
    { clientToken: "one", profileId, expirationTime: new Date("2040-01-01") },
  );
  assert.deepEqual(again.successfulRequests, first.successfulRequests);
  assert.deepEqual(
    again.failedRequests?.map(({ failureCode }) => failureCode),
    ["Conflict"],
  );
  const path = `/_trunkline/campaigns/${id}/requests`;
  const { body } = await sendSigned(server.url, { service: "trunkline", method: "GET", path });
  const { requests } = JSON.parse(body.toString());
  assert.deepEqual(
    requests.map((request: { clientToken: string; profileId: string }) => [request.clientToken, request.profileId]),
    [["one", profileId]],
  );
  const nowhere = { id: "nowhere", profileOutboundRequests: [{ clientToken: "x", profileId }] };
  await assert.rejects(
    client.send(new PutProfileOutboundRequestBatchCommand(nowhere)),
    refused("ResourceNotFoundException"),
  );
});

test("a campaign takes requests within its schedule alone", async () => {
  const endTime = new Date(server.app.platform().clock.now() + 60_000);
  const id = await createCampaign("short", { schedule: { startTime: new Date(0), endTime } });
  const ask = (clientToken: string) =>
    client.send(
      new PutProfileOutboundRequestBatchCommand({ id, profileOutboundRequests: [{ clientToken, profileId }] }),
    );
  assert.equal((await ask("in-time")).successfulRequests?.length, 1);
  await server.advance("PT1M");
  await assert.rejects(ask("too-late"), (error: Error & { state?: string }) => {
    assert.deepEqual([error.name, error.state], ["InvalidCampaignStateException", "Completed"]);
    return true;
  });
});
