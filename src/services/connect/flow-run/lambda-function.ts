/**
 * `InvokeLambdaFunction`: the flow asks a function, and goes on with its answer as `$.External`.
 *
 * The unit of the run owes the call to a sink of our own and the run waits, as long as the limit says, for whatever comes of it: so a call is made once the run
 * is stored, and again where a crash comes between the call and its answer. `flow-functions.ts` makes it.
 */
import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { InstanceRef } from "../arns.ts";
import { instanceArn, refOf } from "../arns.ts";
import { attributesOf } from "../contact-attributes.ts";
import { type Contact, contactTags } from "../contacts.ts";
import { isLambdaAssociated } from "../lambda-functions.ts";
import type { FlowPart } from "./flow-runs.ts";
import { workingQueue } from "./reference-values.ts";
import {
  type ActionCode,
  FAILS,
  mapParameter,
  NEXT,
  numberParameter,
  objectAt,
  type Step,
  textParameter,
} from "./step.ts";

/** A call that a run waits for. */
export interface FunctionCall extends InstanceRef {
  readonly contactId: string;
  readonly part: FlowPart;
  readonly callId: string;
  readonly functionArn: string;
  /** JSON text. */
  readonly event: string;
  readonly limitMs: number;
  readonly responseType: "STRING_MAP" | "JSON";
}

/** Of the sinks of connect, that which makes these calls. */
export const FLOW_FUNCTION = "flow-function/";

/** Nobody but us may have calls made: a rule's target can have any ARN. */
export const FLOW_PRINCIPAL = "connect.amazonaws.com";

const FUNCTION_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(?::[a-zA-Z0-9$_-]+)?$/;

const LIMIT_SECONDS_DEFAULT = 8;

export const InvokeLambdaFunction: ActionCode = {
  begin: async (step) => {
    const functionArn = textParameter(step, "LambdaFunctionARN");
    if (functionArn === undefined || !FUNCTION_ARN.test(functionArn)) return FAILS;
    const event = JSON.stringify(await eventOf(step));
    if (textParameter(step, "InvocationType") === "ASYNCHRONOUS") {
      await oweEvent(step.unit, step.platform, step.contact, { id: step.seed, functionArn, event });
      return NEXT;
    }
    const { contact, part, seed: callId } = step;
    const responseType = objectAt(step.parameters, "ResponseValidation").ResponseType;
    await oweCall(step.unit, step.platform, {
      ...refOf(contact),
      contactId: contact.id,
      part,
      callId,
      functionArn,
      event,
      limitMs: (numberParameter(step, "InvocationTimeLimitSeconds") ?? LIMIT_SECONDS_DEFAULT) * 1_000,
      responseType: responseType === "JSON" ? "JSON" : "STRING_MAP",
    });
    return { waits: { for: "answer", events: [callId] } };
  },
  goOn: (step, wake) => {
    if (wake.by !== "answer") return FAILS;
    step.changeProgress({ external: wake.external });
    return wake.isFailed ? FAILS : NEXT;
  },
};

/** "JSON request structure", administrator guide: "Invoke Lambda functions". */
async function eventOf(step: Step): Promise<object> {
  const { unit, contact } = step;
  const { customerEndpoint, systemEndpoint } = contact;
  const endpoint = (found: Contact["customerEndpoint"]) => found && { Address: found.address, Type: found.type };
  const queue = (await workingQueue(unit, contact)) as {
    Name: unknown;
    ARN: unknown;
    OutboundCallerId: unknown;
  } | null;
  return {
    Details: {
      ContactData: {
        Attributes: await attributesOf(unit, contact),
        AwsRegion: contact.region,
        Channel: contact.channel,
        ContactId: contact.id,
        CustomerEndpoint: endpoint(customerEndpoint) ?? null,
        CustomerId: contact.customerId ?? null,
        Description: contact.description ?? null,
        InitialContactId: contact.initialContactId ?? contact.id,
        InitiationMethod: contact.initiationMethod,
        InstanceARN: instanceArn(contact),
        LanguageCode: contact.languageCode ?? null,
        MediaStreams: { Customer: { Audio: null } },
        Name: contact.name ?? null,
        PreviousContactId: contact.previousContactId ?? contact.id,
        Queue: queue && { ARN: queue.ARN, Name: queue.Name, OutboundCallerId: queue.OutboundCallerId },
        References: Object.fromEntries(
          Object.entries(contact.references ?? {}).map(([name, { type, value }]) => [
            name,
            { Type: type, Value: value },
          ]),
        ),
        RelatedContactId: contact.relatedContactId ?? null,
        SegmentAttributes: contact.segmentAttributes,
        SystemEndpoint: endpoint(systemEndpoint) ?? null,
        Tags: contactTags(contact),
      },
      Parameters: mapParameter(step, "LambdaInvocationAttributes"),
    },
    Name: "ContactFlowEvent",
  };
}

/** A lane for each contact: a slow function holds up nobody else. */
async function oweCall(unit: Unit, platform: Platform, call: FunctionCall): Promise<void> {
  const body = JSON.stringify(call);
  const arn = instanceArn(call);
  const { account, region } = call;
  await platform.flow.send(unit, [
    {
      targetArn: `arn:aws:connect:${region}:${account}:${FLOW_FUNCTION}${call.contactId}`,
      request: { deliveryId: call.callId, body, account, principal: FLOW_PRINCIPAL, sourceArn: arn },
      event: body,
      ruleArn: arn,
      timeMs: platform.clock.now(),
    },
  ]);
}

/** An asynchronous invocation: Lambda's own queue takes it. What the function answers nobody hears (our choice: the keys by which flows load it are not documented). */
async function oweEvent(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  { id, functionArn, event }: { readonly id: string; readonly functionArn: string; readonly event: string },
): Promise<void> {
  const arn = instanceArn(contact);
  const { account } = contact;
  // Associated with the instance, the function lets the instance in; else its own policy must.
  const principal = (await isLambdaAssociated(unit, contact, functionArn)) ? arn : FLOW_PRINCIPAL;
  await platform.flow.send(unit, [
    {
      targetArn: functionArn,
      request: { deliveryId: id, body: event, account, principal, sourceArn: arn },
      event,
      ruleArn: arn,
      timeMs: platform.clock.now(),
    },
  ]);
}
