import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { temporaryFolder } from "../../../test/server.ts";
import { ConfigError, readConfig } from "../../config.ts";
import type { ConnectorProfile } from "./connector-profile.ts";

const SECRET = "s3cr3t-Value";
const environment = { SF_SECRET: SECRET, EMPTY: "" };

const salesforce = {
  connectorType: "Salesforce",
  instanceUrl: "https://harbour.my.salesforce.com/",
  clientId: "client",
  clientSecret: { env: "SF_SECRET" },
};
const zendesk = { connectorType: "Zendesk", baseUrl: "https://harbour.zendesk.com" };
const serviceNow = { connectorType: "Servicenow", baseUrl: "https://harbour.service-now.com" };
const marketo = {
  connectorType: "Marketo",
  baseUrl: "https://123-abc-456.mktorest.com",
  clientId: "c",
  clientSecret: "s",
};
const bucket = {
  endpoint: "http://127.0.0.1:9000",
  region: "eu-central-1",
  accessKeyId: "key",
  secretAccessKey: { env: "SF_SECRET" },
};

function read(profiles: unknown): readonly ConnectorProfile[] {
  const { connectorProfiles = [] } = readConfig([], { ...environment, TRUNKLINE_CONNECTORS: JSON.stringify(profiles) });
  return connectorProfiles;
}

/** What is said of a profile named `sf` that is wrong. */
function refusal(profile: unknown): string {
  try {
    read({ sf: profile });
  } catch (error) {
    assert(error instanceof ConfigError, String(error));
    return error.message;
  }
  assert.fail("It was taken");
}

test("profiles come from the environment or from a file, with secrets from the environment", () => {
  const profiles = { "sf-prod": { ...salesforce, account: "111122223333", bulkAbove: 10 } };
  const file = join(temporaryFolder(), "connectors.json");
  writeFileSync(file, JSON.stringify(profiles));
  const readings = [
    readConfig([], { ...environment, TRUNKLINE_CONNECTORS: JSON.stringify(profiles) }),
    readConfig([], { ...environment, TRUNKLINE_CONNECTORS: file }),
    readConfig(["--connectors", file], { ...environment, TRUNKLINE_CONNECTORS: "{}" }),
  ];
  for (const { connectorProfiles = [] } of readings) {
    const [profile, ...others] = connectorProfiles;
    assert.deepEqual(others, []);
    assert(profile?.connector === "Salesforce");
    const { name, account, settings } = profile;
    assert.deepEqual({ name, account }, { name: "sf-prod", account: "111122223333" });
    assert.equal(settings.instanceUrl, "https://harbour.my.salesforce.com");
    assert.equal(settings.clientSecret.reveal(), SECRET);
    assert.equal(settings.bulkAbove, 10);
  }
  assert.equal(readConfig([], {}).connectorProfiles, undefined);
});

test("each connector has its ways in, of which a profile names one", () => {
  const profiles = read({
    a: { ...zendesk, email: "ops@example.com", apiToken: "t" },
    b: { ...zendesk, accessToken: "t" },
    c: { ...zendesk, clientId: "c", clientSecret: "s" },
    d: { ...serviceNow, user: "u", password: "p" },
    e: { ...serviceNow, connectorType: "ServiceNow", clientId: "c", clientSecret: "s", user: "u", password: "p" },
    f: { ...marketo, leadsSince: "2020-01-31" },
    g: { connectorType: "S3", buckets: { "depot-files": { folder: "files" }, "depot.lake": bucket } },
  });
  assert.deepEqual(
    profiles.map(({ connector, account }) => `${connector} ${account}`),
    ["Zendesk", "Zendesk", "Zendesk", "Servicenow", "Servicenow", "Marketo", "S3"].map((it) => `${it} 000000000000`),
  );
  const ways = profiles.flatMap(({ settings }) => ("access" in settings ? settings.access.kind : []));
  assert.deepEqual(ways, ["api token", "access token", "client", "basic", "client"]);
  const s3 = profiles.at(-1);
  assert(s3?.connector === "S3");
  assert.deepEqual(s3.settings.buckets.get("depot-files"), { folder: join(process.cwd(), "files") });
});

test("what is wrong with a profile is told by its place", () => {
  const at = (it: unknown, message: string): void => assert.equal(refusal(it), `TRUNKLINE_CONNECTORS: ${message}`);
  at([], "sf is no JSON object");
  at({}, "sf.connectorType is missing");
  at(
    { connectorType: "Snowflake" },
    "sf.connectorType is not one of Salesforce, Zendesk, Marketo, Servicenow, ServiceNow, S3",
  );
  at({ ...salesforce, account: "12" }, "sf.account is not 12 digits");
  at(
    { ...salesforce, clientSecret: { env: "EMPTY" } },
    "sf.clientSecret names a variable that the environment does not have",
  );
  at({ ...salesforce, clientSecret: 7 }, 'sf.clientSecret is neither a text nor {"env": "NAME"}');
  at(
    { ...salesforce, clientId: " c" },
    "sf.clientId is empty, begins or ends with a blank, or has a control character",
  );
  at({ ...salesforce, clientID: "c" }, "sf.clientID is not known here");
  at({ ...salesforce, bulkAbove: -1 }, "sf.bulkAbove is not a whole number");
  at({ ...salesforce, apiVersion: "60" }, "sf.apiVersion is not a version such as v60.0");
  at({ ...salesforce, instanceUrl: "harbour" }, "sf.instanceUrl is no URL such as https://example.com");
  at(
    { ...salesforce, instanceUrl: "http://sf.test" },
    "sf.instanceUrl needs https: only this machine may be asked without",
  );
  at({ ...salesforce, instanceUrl: "https://a:b@sf.test" }, "sf.instanceUrl is no URL such as https://example.com");
  at(zendesk, "sf needs one of apiToken, accessToken, clientId");
  at({ ...zendesk, apiToken: "t", clientId: "c" }, "sf has both apiToken and clientId");
  at({ ...zendesk, apiToken: "t", email: "a:b" }, "sf.email has a colon");
  at({ ...zendesk, accessToken: "a b" }, "sf.accessToken is no token");
  at({ ...serviceNow, user: "u" }, "sf.password is missing");
  at({ ...zendesk, clientId: "c", clientSecret: "s", refreshToken: "r" }, "sf.refreshToken is not known here");
  at({ ...marketo, leadsSince: "2020-13-01" }, "sf.leadsSince is no date such as 2020-01-31");
  at({ connectorType: "S3" }, "sf.buckets is missing");
  at({ connectorType: "S3", buckets: { A: { folder: "x" } } }, "sf.buckets.A is no name of a bucket");
  at({ connectorType: "S3", buckets: { abc: {} } }, "sf.buckets.abc needs one of folder, endpoint");
  at(
    { connectorType: "S3", buckets: { abc: { ...bucket, addressing: "dns" } } },
    "sf.buckets.abc.addressing is not one of path, host",
  );
  at({ connectorType: "S3", buckets: { abc: { ...bucket, key: "x" } } }, "sf.buckets.abc.key is not known here");
});

test("a file that is not there, and a text that is no JSON, are told without showing what was given", () => {
  const message = (args: string[], text: string): string => {
    try {
      readConfig(args, { TRUNKLINE_CONNECTORS: text });
    } catch (error) {
      assert(error instanceof ConfigError);
      return error.message;
    }
    assert.fail("It was taken");
  };
  assert.equal(message(["--connectors", "/no/such/file"], ""), "--connectors: the file cannot be read: ENOENT");
  assert.equal(message(["--connectors", ""], ""), "--connectors: the file cannot be read: ENOENT");
  assert.equal(message([], `{"sf": ${SECRET}}`), "TRUNKLINE_CONNECTORS: the text is no JSON");
  assert.equal(message([], SECRET), "TRUNKLINE_CONNECTORS: the file cannot be read: ENOENT");
  assert.equal(message([], `{"a b": ${JSON.stringify(salesforce)}}`).includes("the name of a profile"), true);
});

test("no way of showing a profile shows its secrets", () => {
  const profiles = read({ sf: salesforce, s3: { connectorType: "S3", buckets: { "depot-lake": bucket } } });
  const shown = [JSON.stringify(profiles), inspect(profiles, { depth: 9, showHidden: true }), ...profiles.map(String)];
  assert.doesNotMatch(shown.join(), new RegExp(SECRET));
});

test("whatever stands in a profile, it is taken or refused in one line that shows none of its values", () => {
  const value = fc.oneof(
    fc.constant(SECRET),
    fc.constant({ env: SECRET }),
    fc.constant([SECRET]),
    fc.json({ maxDepth: 1 }),
  );
  const names = ["account", "instanceUrl", "baseUrl", "clientId", "clientSecret", "email", "apiToken", "buckets", "x"];
  const connectorType = fc.constantFrom("Salesforce", "Zendesk", "Marketo", "Servicenow", "S3", SECRET);
  fc.assert(
    fc.property(connectorType, fc.dictionary(fc.constantFrom(...names), value), (type, members) => {
      try {
        read({ sf: { connectorType: type, ...members } });
      } catch (error) {
        assert(error instanceof ConfigError);
        assert.doesNotMatch(error.message, new RegExp(`${SECRET}|\n`));
      }
    }),
  );
});
