import assert from "node:assert/strict";
import { test } from "node:test";
import { policyAllows, principalOf } from "./resource-policy.ts";

const access = {
  principal: principalOf("111122223333", "arn:aws:iam::111122223333:user/ann"),
  action: "events:PutEvents",
  resourceArn: "arn:aws:events:us-east-1:000000000000:event-bus/orders",
};
const ALLOW = { Effect: "Allow", Principal: "*", Action: "events:put*", Resource: access.resourceArn };

function allows(...Statement: readonly object[]): boolean {
  return policyAllows(JSON.stringify({ Statement }), access);
}

test("a statement lets in whom it names, for what it names", () => {
  assert(allows(ALLOW));
  assert(allows({ ...ALLOW, Principal: { AWS: [access.principal.account] } }));
  assert(allows({ ...ALLOW, Principal: { AWS: access.principal.arn } }));
  assert(!allows({ ...ALLOW, Principal: { AWS: "arn:aws:iam::111122223333:user/bob" } }));
  assert(!allows({ ...ALLOW, Action: "events:PutRule" }));
  assert(!allows({ ...ALLOW, Resource: `${access.resourceArn}-2` }));
  assert(!policyAllows(undefined, access));
});

test("what cannot be understood never allows, and denies what else of it applies", () => {
  const { Resource: _, ...withoutResource } = ALLOW;
  for (const odd of [
    { ...ALLOW, Condition: { StringMightBe: { "aws:username": "ann" } } },
    { ...ALLOW, Condition: "always" },
    { ...ALLOW, NotAction: "events:PutRule" },
    { ...withoutResource, Resource: [{}] },
  ]) {
    assert(!allows(odd), JSON.stringify(odd));
    assert(!allows(ALLOW, { ...odd, Effect: "Deny" }), JSON.stringify(odd));
  }
  assert(allows(ALLOW, { ...ALLOW, Effect: "Deny", Action: "events:PutRule", Condition: "always" }));
});

test("what a statement is not for, it says nothing of", () => {
  const { Principal: _, ...withoutPrincipal } = ALLOW;
  const { Action: __, ...withoutAction } = ALLOW;
  const { Resource: ___, ...withoutResource } = ALLOW;
  assert(!allows({ ...withoutAction, NotAction: "events:Put*" }));
  assert(allows({ ...withoutAction, NotAction: ["events:PutRule", "kinesis:*"] }));
  assert(!allows({ ...withoutResource, NotResource: access.resourceArn }));
  assert(allows({ ...withoutResource, NotResource: `${access.resourceArn}-2` }));
  assert(allows(ALLOW, { ...withoutPrincipal, Effect: "Deny", NotPrincipal: { AWS: access.principal.arn } }));
  assert(!allows(ALLOW, { ...withoutPrincipal, Effect: "Deny", NotPrincipal: { AWS: "999999999999" } }));
});

test("conditions ask who it is", () => {
  const only = (organization: string) => ({
    ...ALLOW,
    Condition: { StringEquals: { "aws:PrincipalAccount": organization } },
  });
  assert(allows(only("111122223333")));
  assert(!allows(only("999999999999")));
});
