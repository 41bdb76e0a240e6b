import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResourcePolicy, policyAllows } from "./resource-policy.ts";

const access = {
  account: "111122223333",
  principal: "arn:aws:iam::111122223333:user/ann",
  action: "events:PutEvents",
  resourceArn: "arn:aws:events:us-east-1:000000000000:event-bus/orders",
};
const ALLOW = { Effect: "Allow", Principal: "*", Action: "events:put*", Resource: access.resourceArn };

function allows(...Statement: readonly object[]): boolean {
  return policyAllows(parseResourcePolicy(JSON.stringify({ Statement })), access);
}

test("a statement lets in whom it names, for what it names", () => {
  assert(allows(ALLOW));
  assert(allows({ ...ALLOW, Principal: { AWS: [access.account] } }));
  assert(allows({ ...ALLOW, Principal: { AWS: access.principal } }));
  assert(!allows({ ...ALLOW, Principal: { AWS: "arn:aws:iam::111122223333:user/bob" } }));
  assert(!allows({ ...ALLOW, Action: "events:PutRule" }));
  assert(!allows({ ...ALLOW, Resource: `${access.resourceArn}-2` }));
  assert(!policyAllows(undefined, access));
});

test("what is not evaluated never allows, and denies what else of it applies", () => {
  for (const element of ["Condition", "NotResource"]) {
    assert(!allows({ ...ALLOW, [element]: {} }), element);
    assert(!allows(ALLOW, { ...ALLOW, Effect: "Deny", [element]: {} }), element);
  }
  const { Principal: _, ...withoutPrincipal } = ALLOW;
  assert(!allows({ ...withoutPrincipal, NotPrincipal: { AWS: "999999999999" } }));
  assert(!allows(ALLOW, { ...withoutPrincipal, Effect: "Deny", NotPrincipal: { AWS: "999999999999" } }));
  const { Action: __, ...withoutAction } = ALLOW;
  assert(!allows(ALLOW, { ...withoutAction, Effect: "Deny", NotAction: "events:PutRule" }));
  assert(allows(ALLOW, { ...ALLOW, Effect: "Deny", Action: "events:PutRule", Condition: {} }));
});
