/** What Cases tells of its changes, tags, and settings of a domain that its API has not, as the SDK sees them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  ConnectCasesClient,
  CreateCaseCommand,
  CreateCaseRuleCommand,
  CreateDomainCommand,
  CreateFieldCommand,
  CreateLayoutCommand,
  CreateRelatedItemCommand,
  CreateTemplateCommand,
  DeleteFieldCommand,
  type EventBridgeConfiguration,
  GetCaseCommand,
  GetCaseEventConfigurationCommand,
  GetDomainCommand,
  ListTagsForResourceCommand,
  PutCaseEventConfigurationCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-connectcases";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const client = new ConnectCasesClient(server.client);
const { domainId = "", domainArn = "" } = await client.send(new CreateDomainCommand({ name: "claims" }));

const refused = (name: string, message: RegExp | string) => (error: Error) => {
  assert.equal(error.name, name);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

async function newField(name: string): Promise<string> {
  return (await client.send(new CreateFieldCommand({ domainId, name, type: "Text" }))).fieldId ?? "";
}

suite("event configuration", () => {
  const get = async () => (await client.send(new GetCaseEventConfigurationCommand({ domainId }))).eventBridge;
  const put = (eventBridge: EventBridgeConfiguration) =>
    client.send(new PutCaseEventConfigurationCommand({ domainId, eventBridge }));

  test("a new domain tells nothing, and each configuration takes the place of the whole one before", async () => {
    assert.deepEqual(await get(), { enabled: false });
    const configurations: readonly EventBridgeConfiguration[] = [
      { enabled: true },
      {
        enabled: true,
        includedData: {
          caseData: { fields: [{ id: "title" }, { id: await newField("Amount") }, { id: "status" }] },
          relatedItemData: { includeContent: true },
        },
      },
      { enabled: true, includedData: { relatedItemData: { includeContent: false } } },
      { enabled: false, includedData: { caseData: { fields: [] } } },
    ];
    for (const configuration of configurations) {
      await put(configuration);
      assert.deepEqual(await get(), configuration);
    }
    await put({ enabled: true, includedData: {} });
    assert.deepEqual(await get(), { enabled: true });
  });

  test("fields that are not there are refused, and those that are deleted later left out", async () => {
    const [kept, gone] = [await newField("kept"), await newField("gone")];
    const including = (...ids: string[]): EventBridgeConfiguration => ({
      enabled: true,
      includedData: { caseData: { fields: ids.map((id) => ({ id })) } },
    });
    await put(including(gone, kept));
    await assert.rejects(
      put(including("nothing", kept)),
      refused("ValidationException", "includedData.caseData.fields: there is no field nothing"),
    );
    assert.deepEqual(await get(), including(gone, kept));
    await client.send(new DeleteFieldCommand({ domainId, fieldId: gone }));
    assert.deepEqual(await get(), including(kept));
    await assert.rejects(put(including(gone)), refused("ValidationException", /there is no field/));
  });

  test("all fields of a kind can be included by themselves, which the model knows and this client does not", async () => {
    const path = `/domains/${domainId}/case-event-configuration`;
    const caseData = { fields: [{ id: "title" }], autoIncludeFields: "Custom" };
    const eventBridge = { enabled: true, includedData: { caseData } };
    const sent = { service: "cases", method: "PUT", path, body: JSON.stringify({ eventBridge }) };
    assert.equal((await sendSigned(server.url, sent)).status, 200);
    const { body } = await sendSigned(server.url, { service: "cases", method: "POST", path });
    assert.deepEqual(JSON.parse(body.toString()), { eventBridge });
  });
});

suite("tags", async () => {
  const { fieldArn } = await client.send(new CreateFieldCommand({ domainId, name: "Tagged", type: "Text" }));
  const { templateArn, templateId } = await client.send(new CreateTemplateCommand({ domainId, name: "t" }));
  const { layoutArn } = await client.send(new CreateLayoutCommand({ domainId, name: "l", content: { basic: {} } }));
  const rule = { required: { defaultValue: true, conditions: [] } };
  const { caseRuleArn } = await client.send(new CreateCaseRuleCommand({ domainId, name: "r", rule }));
  const fields = [{ id: "title", value: { stringValue: "A parcel" } }];
  const { caseArn, caseId } = await client.send(new CreateCaseCommand({ domainId, templateId, fields }));
  const comment = { body: "lost", contentType: "Text/Plain" } as const;
  const { relatedItemArn } = await client.send(
    new CreateRelatedItemCommand({ domainId, caseId, type: "Comment", content: { comment } }),
  );
  const tag = (arn: string | undefined, tags: Record<string, string>) =>
    client.send(new TagResourceCommand({ arn, tags }));
  const tagsOf = async (arn: string | undefined) => (await client.send(new ListTagsForResourceCommand({ arn }))).tags;

  test("all that has an ARN can have tags, which are added to those that are there", async () => {
    const status = `${domainArn}/field/status`;
    const all = [domainArn, fieldArn, status, templateArn, layoutArn, caseRuleArn, caseArn, relatedItemArn];
    for (const arn of all) {
      assert.deepEqual(await tagsOf(arn), {});
      await tag(arn, { team: "a", tier: "gold" });
      await tag(arn, { team: "b", place: "Kiel" });
      assert.deepEqual(await tagsOf(arn), { team: "b", tier: "gold", place: "Kiel" });
      await client.send(new UntagResourceCommand({ arn, tagKeys: ["tier", "nothing"] }));
      await client.send(new UntagResourceCommand({ arn, tagKeys: ["place"] }));
      assert.deepEqual(await tagsOf(arn), { team: "b" });
    }
    const { tags: ofDomain } = await client.send(new GetDomainCommand({ domainId }));
    assert.deepEqual(ofDomain, { team: "b" });
    const { tags: ofCase } = await client.send(new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }] }));
    assert.deepEqual(ofCase, { team: "b" });
  });

  test("keys can be removed several at once, and an ARN need not be encoded", async () => {
    await tag(layoutArn, { a: "1", b: "2", c: "3" });
    const path = `/tags/${layoutArn}`;
    const removed = { service: "cases", method: "DELETE", path, query: "tagKeys=a&tagKeys=c" };
    assert.equal((await sendSigned(server.url, removed)).status, 200);
    const { body } = await sendSigned(server.url, { service: "cases", method: "GET", path });
    assert.equal(JSON.parse(body.toString()).tags.b, "2");
    assert.equal(JSON.parse(body.toString()).tags.a, undefined);
  });

  test("tags that are none, or more than 50, are refused", async () => {
    const arn = domainArn;
    const before = await tagsOf(arn);
    for (const key of ["aws:mine", "AWS:mine", "a;b", "", "x".repeat(129)]) {
      await assert.rejects(tag(arn, { [key]: "x" }), refused("ValidationException", /^tags: .* is not a key/));
    }
    await assert.rejects(tag(arn, { a: "x".repeat(257) }), refused("ValidationException", /^tags: the value of a/));
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, "v"]));
    await assert.rejects(tag(arn, many), refused("ValidationException", "tags: a resource may have at most 50"));
    const body = JSON.stringify({ tags: { a: null } });
    const path = `/tags/${encodeURIComponent(arn)}`;
    assert.equal((await sendSigned(server.url, { service: "cases", method: "POST", path, body })).status, 400);
    assert.deepEqual(await tagsOf(arn), before);
  });

  test("an ARN of nothing is told by its kind, and what is no ARN is refused", async () => {
    for (const [path, type] of [
      ["field/nothing", "Field"],
      ["template/nothing", "Template"],
      ["layout/nothing", "Layout"],
      ["case-rule/nothing", "CaseRule"],
      ["case/nothing", "Case"],
      [`case/${caseId}/related-item/nothing`, "RelatedItem"],
    ] as const) {
      await assert.rejects(tagsOf(`${domainArn}/${path}`), (error: Error) => {
        assert.ok(error instanceof ResourceNotFoundException);
        assert.deepEqual([error.resourceId, error.resourceType], ["nothing", type]);
        return true;
      });
    }
    for (const other of [domainArn.replace("us-east-1", "eu-west-1"), domainArn.replace("000000000000", "1")]) {
      await assert.rejects(tagsOf(other), refused("ResourceNotFoundException", `Domain ${domainId} was not found`));
    }
    for (const arn of [
      "nothing",
      `${domainArn}/`,
      `${domainArn}/queue/x`,
      `${domainArn}/field/a/b`,
      "arn:aws:cases::",
    ]) {
      await assert.rejects(tagsOf(arn), refused("ValidationException", /is not the ARN of something that has tags$/));
    }
  });
});

suite("settings", () => {
  const OFF = { prefixesDeletedRelatedItems: false, lowerCaseRelatedItemTypes: false, rulesSeeEventsOnly: false };
  const ask = async (method: string, id: string, settings?: unknown) => {
    const path = `/_trunkline/cases/domains/${id}`;
    const body = settings === undefined ? "" : JSON.stringify(settings);
    const answer = await sendSigned(server.url, { service: "trunkline", method, path, body });
    return [answer.status, JSON.parse(answer.body.toString())];
  };

  test("what payloads of events look like is set for a domain, outside of the API", async () => {
    assert.deepEqual(await ask("GET", domainId), [200, OFF]);
    const changed = { ...OFF, prefixesDeletedRelatedItems: true };
    assert.deepEqual(await ask("PUT", domainId, { prefixesDeletedRelatedItems: true }), [200, changed]);
    assert.deepEqual(await ask("GET", domainId), [200, changed]);
    assert.deepEqual(await ask("PUT", domainId, { lowerCaseRelatedItemTypes: true }), [
      200,
      { ...OFF, lowerCaseRelatedItemTypes: true },
    ]);
  });

  test("settings that there are not, and domains that there are not, are refused", async () => {
    const before = await ask("GET", domainId);
    const [unknown, { error: why }] = await ask("PUT", domainId, { prefix: true });
    assert.equal(unknown, 400);
    assert.match(why, /^A domain has no member prefix: it has prefixesDeletedRelatedItems, /);
    const [status, { error }] = await ask("PUT", domainId, { lowerCaseRelatedItemTypes: "yes" });
    assert.deepEqual([status, error], [400, "lowerCaseRelatedItemTypes is not true or false"]);
    assert.equal((await ask("PUT", domainId, []))[0], 400);
    for (const method of ["GET", "PUT"]) {
      const body = method === "PUT" ? {} : undefined;
      assert.deepEqual(await ask(method, "nothing", body), [404, { error: "Domain nothing was not found" }]);
      assert.equal((await ask(method, `${domainId}/more`, body))[0], 404);
    }
    assert.equal((await ask("DELETE", domainId))[0], 404);
    assert.deepEqual(await ask("GET", domainId), before);
  });

  test("a domain of another account is not there", async () => {
    const path = `/_trunkline/cases/domains/${domainId}`;
    const answer = await sendSigned(server.url, { service: "trunkline", method: "GET", path, accessKeyId: "other" });
    assert.equal(answer.status, 404);
  });
});
