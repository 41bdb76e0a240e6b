import assert from "node:assert/strict";
import { test } from "node:test";
import { withVariables } from "./variables.ts";

const values = {
  ContactLens: { PostCall: { ContactId: "c-1", Agent: { AgentId: null }, Queue: { QueueId: "$.RuleName" }, Pct: 1.5 } },
  RuleName: "LATE",
};
const filled = (text: string): string => withVariables(text, "OnPostCallAnalysisAvailable", values);

test("a variable is the longest path, without the dots that end a sentence", () => {
  assert.equal(filled("About $.ContactLens.PostCall.ContactId..."), "About c-1...");
  assert.equal(filled("$.RuleName, $.RuleName!"), "LATE, LATE!");
});

test("a value is put in once, and not looked through again", () => {
  assert.equal(filled("$.ContactLens.PostCall.Queue.QueueId"), "$.RuleName");
});

test("a path without a value becomes nothing, an unknown one stays", () => {
  assert.equal(filled("[$.ContactLens.PostCall.Agent.AgentId]"), "[]");
  assert.equal(filled("[$.ContactLens.PostCall.ContactAttribute.tier]"), "[]");
  assert.equal(filled("[$.ContactLens.PostCall.Agent]"), "[$.ContactLens.PostCall.Agent]");
  assert.equal(filled("[$.ContactLens.PostChat.ContactId] costs $.5"), "[$.ContactLens.PostChat.ContactId] costs $.5");
  assert.equal(filled("$.constructor.name"), "$.constructor.name");
});

test("another spelling of a path has the same value", () => {
  const facts = { ContactLens: { PostCall: { Agent: { RoutingProfile: "arn:profile" } } } };
  const profile = "$.ContactLens.PostCall.Agent.RoutingProfile";
  assert.equal(
    withVariables(`${profile}, ${profile}.ARN`, "OnPostCallAnalysisAvailable", facts),
    "arn:profile, arn:profile",
  );
});
