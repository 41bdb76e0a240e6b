/** Whatever a vendor's API answers, a source is read or it is said why not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Connector, SourceError } from "../src/services/appflow/connector.ts";
import { connectors } from "../src/services/appflow/connectors.ts";
import { profileOf, readSource } from "./stand-ins/read-source.ts";
import { type Answer, type Asked, StandIn } from "./stand-ins/stand-in.ts";

/** Gives tokens, and else what it is told to, one answer after the other. */
class OddStandIn extends StandIn {
  answers: Answer[] = [];

  protected isForToken({ url }: Asked): boolean {
    return /token/.test(url.pathname) && !/paging/.test(url.pathname);
  }

  protected answer(asked: Asked): Answer {
    if (this.isForToken(asked)) return { body: { access_token: this.newToken(), expires_in: 3600 } };
    return this.answers.shift() ?? { status: 404, body: {} };
  }
}

const standIn = await new OddStandIn().start();
test.after(() => standIn[Symbol.asyncDispose]());

const client = { clientId: "client", clientSecret: "some-secret" };
const profiles = {
  Salesforce: { connectorType: "Salesforce", instanceUrl: standIn.url, bulkAbove: 1, ...client },
  Zendesk: { connectorType: "Zendesk", baseUrl: standIn.url, ...client },
  Marketo: { connectorType: "Marketo", baseUrl: standIn.url, leadsSince: "2026-01-01", ...client },
  Servicenow: { connectorType: "Servicenow", baseUrl: standIn.url, ...client },
};
const objects = {
  Salesforce: ["Contact"],
  Zendesk: ["tickets", "organizations"],
  Marketo: ["leads", "activities", "lists"],
  Servicenow: ["sys_user"],
};

/** What those APIs have in their answers, and what they have not. */
const NAMES = [
  "records",
  "result",
  "tickets",
  "organizations",
  "fields",
  "totalSize",
  "nextRecordsUrl",
  "end_of_stream",
  "end_time",
  "after_cursor",
  "success",
  "errors",
  "error",
  "nextPageToken",
  "moreResult",
  "exportId",
  "status",
  "fileSize",
  "id",
  "Id",
  "sys_id",
  "sys_updated_on",
  "SystemModstamp",
  "updated_at",
  "name",
  "type",
  "state",
  "rest",
  "attributes",
];
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      7,
      "",
      "x",
      "2026-06-10T00:00:00Z",
      "Completed",
      "Created",
      "Queued",
    ),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 6 }),
  ),
}));
const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 204, 206, 400, 404, 422, 500),
  headers: fc.dictionary(
    fc.constantFrom("link", "sforce-locator", "retry-after", "date"),
    fc.constantFrom("x", "1", "null"),
  ),
  body: fc.oneof(value, fc.constantFrom("", "a,b\n1,2\n", '"', "<html>", Buffer.from([0xff, 0xfe, 0]))),
});

for (const [type, connector] of connectors) {
  if (type === "S3") continue;
  for (const object of objects[type]) {
    test(`${type} of ${object}: odd answers are read, or refused in words`, async () => {
      const profile = profileOf(profiles[type]);
      await fc.assert(
        fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 6 }), fc.boolean(), async (answers, hasWindow) => {
          standIn.answers = [...answers];
          await read(connector, profile, object, hasWindow);
        }),
        { numRuns: 60 },
      );
    });
  }
}

async function read(
  connector: Connector,
  profile: ReturnType<typeof profileOf>,
  object: string,
  hasWindow: boolean,
): Promise<void> {
  const window = hasWindow ? { fromMs: Date.parse("2026-06-01"), toMs: Date.parse("2026-06-20") } : undefined;
  try {
    const request = { properties: { Object: object }, window };
    await readSource(connector, profile, request, { nowMs: Date.parse("2026-02-01") });
  } catch (error) {
    assert(error instanceof SourceError, String((error as Error).stack));
    assert.doesNotMatch(error.message, /some-secret|token-|undefined|\[object/);
    assert.ok(error.message.length <= 501);
  }
}
