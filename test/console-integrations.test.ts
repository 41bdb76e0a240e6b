/** The console's pages of integrations in a real browser: what people see and do there. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { CreateIntegrationWorkflowCommand, PutIntegrationCommand } from "@aws-sdk/client-customer-profiles";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage } from "./console-page.ts";
import { FlowWorld, flowNamed, mapped, scheduled } from "./flow-world.ts";
import { call } from "./model-call.ts";
import { startTrunklineIn } from "./server.ts";
import { SalesforceStandIn } from "./stand-ins/salesforce.ts";
import { makeWebhook, webhooksOf } from "./webhook-sender.ts";

const browser = await openBrowser();
const salesforce = await new SalesforceStandIn().start();
after(() => salesforce[Symbol.asyncDispose]());

/** Another S3, which says no until it says that there is nothing. */
let answer = (response: ServerResponse): void => {
  response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>Not now</Message></Error>");
};
const outside = createServer((_, response) => answer(response));
outside.listen(0, "127.0.0.1");
await once(outside, "listening");
after(() => outside.close());

const server = await startTrunklineIn(
  {
    TRUNKLINE_CONNECTORS: JSON.stringify({
      lake: {
        connectorType: "S3",
        buckets: {
          lake: {
            endpoint: `http://127.0.0.1:${(outside.address() as AddressInfo).port}`,
            region: "us-east-1",
            accessKeyId: "key",
            secretAccessKey: "s3cr3t",
          },
        },
      },
      sf: {
        connectorType: "Salesforce",
        instanceUrl: salesforce.url,
        clientId: salesforce.clientId,
        clientSecret: salesforce.clientSecret,
      },
    }),
  },
  "--clock",
  "real",
);
after(() => server.close());
const world = new FlowWorld(server);
await world.openBucket("guests");

const HOSTILE = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
const guests = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify({ id: `g-${from + n}`, mail: "a@example.com" })}\n`).join(
    "",
  );

test("flows are listed with their health, one is run, moves, is cancelled, and tells what went wrong", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await world.openDomain("house");
  await world.putFile("in/a.jsonl", guests(20));
  const slow = {
    SourceFlowConfig: {
      ConnectorType: "S3" as const,
      SourceConnectorProperties: { S3: { BucketName: "guests", BucketPrefix: "many/" } },
    },
  };
  await world.putFile("many/a.jsonl", guests(30_000, 1000));
  const lake = { ConnectorType: "S3", SourceConnectorProperties: { S3: { BucketName: "lake" } } } as const;
  await world.putFlow("house", flowNamed("refused", { SourceFlowConfig: lake }));
  await world.putFlow(
    "house",
    flowNamed("nightly", { Tasks: [mapped("id"), mapped("mail")], ...scheduled("rate(1hours)") }),
  );
  await world.putFlow(
    "house",
    flowNamed("long", {
      ...slow,
      ...scheduled("rate(7days)", { ScheduleStartTime: new Date(Date.now() + 86_400_000) }),
    }),
  );

  await using page = await openPage(browser, server.url, "integrations");
  await page.getByRole("row", { name: /refused Errored S3 lake\/ house on demand Error/ }).waitFor();
  await page.getByRole("link", { name: "1 unhealthy" }).click();
  await page.getByRole("link", { name: "nightly" }).waitFor({ state: "detached" });
  assert.match(page.url(), /state=unhealthy/);
  await page.getByRole("link", { name: "refused" }).click();
  await page.getByText(/The last run failed: Bucket lake: .* answered 403: AccessDenied, Not now/).waitFor();
  answer = (response) => response.end("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByText("A run has been started").waitFor();
  await page.getByText("last run: Successful").waitFor();
  await page.locator(".badge", { hasText: "Active" }).waitFor();
  await page.getByRole("rowheader").nth(1).waitFor();

  await page.goto(`${server.url}/_trunkline/console/integrations/long`);
  await page.getByText("It has not run yet").waitFor();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("row", { name: /InProgress/ }).waitFor();
  await page.getByRole("rowheader").getByRole("link").click();
  const run = page.getByRole("region", { name: "Run", exact: true });
  await run.getByText(/ [1-9]\d* ingested/).waitFor();
  await run.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await run.getByText("Canceled").first().waitFor();
  assert.match(page.url(), /run=/);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.locator(".badge", { hasText: "Suspended" }).waitFor();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.locator(".badge", { hasText: "Active" }).waitFor();

  await page.goto(`${server.url}/_trunkline/console/integrations/nightly?tab=tasks`);
  await page.getByRole("row", { name: /Map NO_OP mail mail/ }).waitFor();
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.getByText("sourceFlowConfig").waitFor();
});

test("records that cannot be ingested are counted as failed, and what a task leaves out as filtered", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await world.openDomain("strict");
  await world.putFile("strict/a.jsonl", `${guests(3, 100)}{"id":"g-9",\n`);
  const S3 = { BucketName: "guests", BucketPrefix: "strict/" };
  const SourceFlowConfig = { ConnectorType: "S3", SourceConnectorProperties: { S3 } } as const;
  await world.putFlow("strict", flowNamed("strict", { SourceFlowConfig }));
  await using page = await openPage(browser, server.url, "integrations/strict");
  await page.getByText("last run: Successful").waitFor();
  await page.getByRole("rowheader").getByRole("link").click();
  await page.getByText("What failed is in the dead-letter queue of the domain").waitFor();
  await page.getByText("3 ingested, 0 filtered, 0 dropped, 1 failed").waitFor();
});

test("integrations of Customer Profiles are shown with their health, by domain, and ended", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await world.openDomain("ties");
  await world.openDomain("other");
  await world.putFlow("ties", flowNamed("tied"));
  const bucket = { DomainName: "ties", Uri: "arn:aws:s3:::guests/nightly/", ObjectTypeName: "Guest" };
  await world.profiles.send(new PutIntegrationCommand(bucket));
  await using page = await openPage(browser, server.url, "integrations?tab=profiles");
  await page.getByLabel("Domain").selectOption("ties");
  const items = page.getByRole("list", { name: "Integrations" });
  await items.getByText("healthy", { exact: true }).waitFor();
  await items.getByRole("link", { name: "tied" }).waitFor();
  const files = items.getByRole("listitem").filter({ hasText: "guests/nightly/" });
  await files.getByText("Bucket", { exact: true }).waitFor();
  await files.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await files.waitFor({ state: "detached" });
  await page.getByLabel("Domain").selectOption("other");
  await page.getByText("No integration yet").waitFor();
});

test("a workflow shows how far it is, step by step, and is deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await world.openDomain("works");
  salesforce.objects.set("Hired__c", {
    fields: [
      { name: "Id", type: "id" },
      { name: "SystemModstamp", type: "datetime" },
    ],
    rows: [{ Id: "a1", SystemModstamp: "2026-06-10T10:00:00.000+0000" }],
  });
  const FlowDefinition = {
    ...flowNamed("hired", scheduled("rate(1hours)", { DataPullMode: "Incremental" })),
    SourceFlowConfig: {
      ConnectorType: "Salesforce",
      ConnectorProfileName: "sf",
      IncrementalPullConfig: { DatetimeTypeFieldName: "SystemModstamp" },
      SourceConnectorProperties: { Salesforce: { Object: "Hired__c" } },
    },
  } as const;
  const Batches = [{ StartTime: new Date("2026-06-10T00:00:00Z"), EndTime: new Date("2026-06-11T00:00:00Z") }];
  await world.profiles.send(
    new CreateIntegrationWorkflowCommand({
      DomainName: "works",
      WorkflowType: "APPFLOW_INTEGRATION",
      IntegrationConfig: { AppflowIntegration: { FlowDefinition, Batches } },
      ObjectTypeName: "Salesforce-Contact",
      RoleArn: "arn:aws:iam::000000000000:role/workflows",
    }),
  );
  await using page = await openPage(browser, server.url, "integrations?tab=workflows&domain=works");
  await page.getByRole("rowheader").getByRole("link").first().click();
  const workflow = page.getByRole("region", { name: "Workflow", exact: true });
  await workflow.getByText("1 of 1 steps, 1 records").waitFor();
  await workflow.getByText("Salesforce into works").waitFor();
  await workflow.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("row", { name: /works CANCELLED/ }).waitFor();
  await workflow.waitFor({ state: "detached" });
  await page.getByRole("rowheader").getByRole("link").click();
  await workflow.getByText("CANCELLED").first().waitFor();
  assert.equal(await workflow.getByRole("button", { name: "Delete" }).count(), 0);
});

test("applications show who listens to them; webhooks are made, refused at the spot, and deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const source = "aws.partner/shopify.com/427319918593/my-shop";
  await world.openDomain("shop");
  await makeWebhook(server.url, { kind: "shopify", source, eventIntegration: "my-shop" });
  const Uri = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/my-shop";
  const ObjectTypeNames = { ShopifyCreateCustomers: "Shopify-Customer" };
  await world.profiles.send(new PutIntegrationCommand({ DomainName: "shop", Uri, ObjectTypeNames }));
  await using page = await openPage(browser, server.url, "integrations?tab=applications");
  await page.getByRole("heading", { name: "my-shop" }).waitFor();
  await page.getByText("by the rule").waitFor();
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.getByRole("row", { name: new RegExp(source) }).waitFor();
  assert.equal(await page.getByText("secret of").count(), 0);

  await page.getByLabel("Kind", { exact: true }).selectOption("segment");
  await page.getByLabel("Partner event source").fill("nowhere");
  await page.getByLabel("Secret").fill("s3cr3t");
  await page.getByRole("button", { name: "Make" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Partner event source").inputValue(), "nowhere");
  await page.getByLabel("Partner event source").fill("aws.partner/segment.com/source-1");
  await page.getByLabel("Event integration (optional)").fill("visits");
  await page.getByRole("button", { name: "Make" }).click();
  await page.getByText(/Made\. Give http.*_trunkline\/webhooks\/.* to the sender/).waitFor();
  const row = page.getByRole("row", { name: /segment\.com\/source-1/ });
  await row.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  const { body } = await webhooksOf(server.url, "GET");
  assert.deepEqual(
    body.webhooks.map((webhook: { kind: string }) => webhook.kind),
    ["shopify"],
  );
});

test("pages of integrations are accessible, fit a phone, and run nothing of what is stored", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await world.openDomain("shown");
  await world.putFlow("shown", flowNamed("shown-flow"));
  await call(server.url, "appintegrations", "CreateEventIntegration", {
    Name: "hostile",
    Description: HOSTILE,
    EventFilter: { Source: "aws.partner/zendesk.com/1/default" },
    EventBridgeBus: "default",
  });
  const seen: readonly (readonly [path: string, text: string])[] = [
    ["integrations", "shown-flow"],
    ["integrations?tab=profiles&domain=shown", "shown-flow"],
    ["integrations?tab=workflows", "Domain"],
    ["integrations?tab=applications", HOSTILE],
    ["integrations?tab=webhooks", "New webhook"],
    ["integrations/shown-flow", "last run"],
    ["integrations/shown-flow?tab=json", "sourceFlowConfig"],
  ];
  await using page = await openPage(browser, server.url, "integrations");
  for (const [path, text] of seen) {
    await goTo(page, path);
    await page.getByText(text).first().waitFor();
    await assertAccessible(page);
    await assertFitsPhone(page);
    assert.match(await page.title(), /^(Integrations|Flow) · Trunkline$/);
  }
});

test("without any the page says what makes a flow", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "integrations");
  await page.evaluate("localStorage.setItem('trunkline.region', 'eu-west-1')");
  await page.reload();
  await page.getByText("No flow yet. PutIntegration of Customer Profiles").waitFor();
  await page.getByRole("tab", { name: "Customer Profiles" }).click();
  await page.getByText("There is no domain of Customer Profiles yet").waitFor();
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.getByText("No webhook yet").waitFor();
  await page.getByRole("tab", { name: "Applications" }).click();
  await page.getByText("No event integration yet").waitFor();
  await page.goto(`${server.url}/_trunkline/console/integrations/nowhere`);
  await page.getByRole("alert").getByText("There is no flow nowhere").waitFor();
});
