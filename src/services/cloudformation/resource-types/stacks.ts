/** What stacks are made of beside resources of services: nested stacks, custom resources, conditions that somebody outside fulfils. */
import {
  CallFailure,
  type Made,
  type Properties,
  type ResourceType,
  type Told,
  ToldFailure,
  type Work,
  words,
} from "../resource-type.ts";
import { parseSignalPath, SIGNALS_MAX, signalUrl } from "../signals.ts";
import { isFailure } from "../waiting.ts";
import { found, numberAt, tagList } from "./parts.ts";

/** Accepted with whatever properties they have, and nothing is made. */
const nothing: ResourceType = {
  updatable: ["*"],
  replacing: [],
  required: [],
  create: ({ name }) => Promise.resolve({ physicalId: name }),
  update: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
};

const MODEL = "cloudformation";

const nestedStack: ResourceType = {
  updatable: words("NotificationARNs Parameters Tags TemplateURL TimeoutInMinutes"),
  replacing: [],
  required: ["TemplateURL"],
  isAlwaysChanged: true,
  isUninterrupted: true,
  name: { property: "StackName", charactersMax: 128 },
  async create(work) {
    const { call, name, token } = work;
    // What is left of one that fails goes with the stack that it is nested in.
    const given = { StackName: name, ...stackInput(work), OnFailure: "DO_NOTHING", ClientRequestToken: token };
    const { StackId } = await call(MODEL, "CreateStack", given);
    work.began(String(StackId));
    return { awaited: { token, count: 1, physicalId: String(StackId) } };
  },
  async update(changing) {
    const { call, physicalId: StackName, token: ClientRequestToken } = changing;
    try {
      await call(MODEL, "UpdateStack", { StackName, ...stackInput(changing), ClientRequestToken });
    } catch (error) {
      if (error instanceof CallFailure && error.message === "No updates are to be performed.") return undefined;
      throw error;
    }
    return { awaited: { token: ClientRequestToken, count: 1 } };
  },
  async remove({ call, physicalId: StackName, token }) {
    const answer = await found(call(MODEL, "DescribeStacks", { StackName }));
    if (answer === undefined || answer.Stacks[0].StackStatus === "DELETE_COMPLETE") return undefined;
    await call(MODEL, "DeleteStack", { StackName, ClientRequestToken: token });
    return { awaited: { token, count: 1 } };
  },
  told(_work, { signals, physicalId = "" }, before) {
    const { Outputs, Reason, ...body } = signals[0]?.body ?? {};
    if (isFailure(body)) throw new Error(String(Reason));
    const outputs = Object.entries((Outputs ?? {}) as Properties).map(([name, value]) => [`Outputs.${name}`, value]);
    return { physicalId: before?.physicalId ?? physicalId, attributes: Object.fromEntries(outputs) };
  },
  async find({ call, name, token }) {
    const answer = await found(call(MODEL, "DescribeStacks", { StackName: name }));
    return answer && { awaited: { token, count: 1, physicalId: String(answer.Stacks[0].StackId) } };
  },
};

function stackInput(work: Work): Properties {
  const { TemplateURL, Parameters, NotificationARNs } = work.properties;
  const values = Object.entries((Parameters ?? {}) as Properties).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: Array.isArray(value) ? value.join(",") : value,
  }));
  return {
    TemplateURL,
    Parameters: values,
    ...(NotificationARNs !== undefined && { NotificationARNs }),
    // What the stack around it may make was acknowledged with that.
    Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    ...tagList(work),
  };
}

/** "The default value is 3600 seconds (1 hour)": https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html */
const SERVICE_TIMEOUT_SECONDS = 3600;

const customResource: ResourceType = {
  updatable: ["*"],
  replacing: [],
  required: ["ServiceToken"],
  async create(work) {
    await request(work, { RequestType: "Create" });
    return answerOf(work);
  },
  async update(changing) {
    const { before, properties, physicalId: PhysicalResourceId } = changing;
    if (before.ServiceToken !== properties.ServiceToken) throw new Error("Modifying service token is not allowed.");
    const OldResourceProperties = texts(before);
    await request(changing, { RequestType: "Update", PhysicalResourceId, OldResourceProperties });
    return answerOf(changing);
  },
  async remove(existing) {
    // One that never got so far as to be asked for.
    if (existing.properties.ServiceToken === undefined) return undefined;
    await request(existing, { RequestType: "Delete", PhysicalResourceId: existing.physicalId });
    return answerOf(existing);
  },
  told({ name, token }, { signals, isLate }, before) {
    if (isLate) {
      const why = `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${token}]. If you are using the Python cfn-response module, you may need to update your Lambda function to use the latest version of the module.`;
      throw before ? new Error(why) : new ToldFailure(why, name);
    }
    const { Status, Reason, PhysicalResourceId, Data } = signals[0]?.body ?? {};
    const isGiven = typeof PhysicalResourceId === "string" && /^.{1,1024}$/s.test(PhysicalResourceId);
    const physicalId = isGiven ? PhysicalResourceId : before?.physicalId;
    if (Status === "FAILED") {
      throw new ToldFailure(
        `Received response status [FAILED] from custom resource. Message returned: ${Reason}`,
        physicalId ?? name,
      );
    }
    if (Status !== "SUCCESS") throw new ToldFailure("Invalid Status in the response of the custom resource", name);
    if (physicalId === undefined) throw new ToldFailure("Invalid PhysicalResourceId", name);
    return { physicalId, attributes: typeof Data === "object" && Data !== null ? (Data as Properties) : {} };
  },
};

function answerOf({ token, properties }: Work): { awaited: { token: string; count: number; waitMs: number } } {
  return { awaited: { token, count: 1, waitMs: timeoutOf(properties) * 1000 } };
}

function timeoutOf(properties: Properties): number {
  return numberAt(properties, "ServiceTimeout", SERVICE_TIMEOUT_SECONDS, [1, SERVICE_TIMEOUT_SECONDS]);
}

async function request(work: Work, more: Properties): Promise<void> {
  const { ServiceToken, ServiceTimeout: _, ...properties } = work.properties;
  const message = {
    ...more,
    ServiceToken,
    ResponseURL: signalUrl(work.endpoint, work.token),
    StackId: work.stackId,
    RequestId: work.token,
    LogicalResourceId: work.logicalId,
    ResourceType: work.type,
    ResourceProperties: texts({ ServiceToken, ...properties }),
  };
  // Nobody is asked for what cannot be waited for.
  timeoutOf(work.properties);
  const token = String(ServiceToken);
  if (token.startsWith("arn:aws:sns:")) {
    const Subject = "AWS CloudFormation custom resource request";
    await work.call("sns", "Publish", { TopicArn: token, Subject, Message: JSON.stringify(message) });
    return;
  }
  if (!token.startsWith("arn:aws:lambda:"))
    throw new Error("Invalid ServiceToken: it must be the ARN of a function or a topic");
  const Payload = Buffer.from(JSON.stringify(message)).toString("base64");
  await work.call("lambda", "Invoke", { FunctionName: token, InvocationType: "Event", Payload });
}

/** The service sends numbers and booleans as texts. */
function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]));
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

const waitConditionHandle: ResourceType = {
  ...nothing,
  isSignalled: true,
  create: ({ endpoint, token }) => Promise.resolve({ physicalId: signalUrl(endpoint, token) }),
};

/** "The maximum time … is 43200": https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html */
const WAIT_SECONDS_MAX = 43_200;

const waitCondition: ResourceType = {
  updatable: [],
  replacing: words("Count Handle Timeout"),
  required: ["Handle", "Timeout"],
  isSignalled: true,
  create({ properties }) {
    const { Handle } = properties;
    const token = parseSignalPath(URL.canParse(String(Handle)) ? new URL(String(Handle)).pathname : "");
    if (token === undefined) throw new Error("Handle: it must be the Ref of a wait condition handle");
    const waitMs = numberAt(properties, "Timeout", 0, [0, WAIT_SECONDS_MAX]) * 1000;
    return Promise.resolve({ awaited: { token, count: numberAt(properties, "Count", 1, [0, SIGNALS_MAX]), waitMs } });
  },
  told({ name }: Work, { signals, count, isLate }: Told): Made {
    const failed = signals.find(({ body }) => isFailure(body));
    if (failed) {
      throw new Error(
        `WaitCondition received failed message: '${failed.body.Reason}' for uniqueId: ${failed.uniqueId}`,
      );
    }
    if (isLate) {
      throw new Error(`WaitCondition timed out. Received ${signals.length} conditions when expecting ${count}`);
    }
    const data = signals.map(({ uniqueId, body }) => [uniqueId, body.Data]);
    return { physicalId: name, attributes: { Data: JSON.stringify(Object.fromEntries(data)) } };
  },
  remove: () => Promise.resolve(),
};

export const stackTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::CDK::Metadata": nothing,
  "AWS::CloudFormation::CustomResource": customResource,
  "AWS::CloudFormation::Stack": nestedStack,
  "AWS::CloudFormation::WaitCondition": waitCondition,
  "AWS::CloudFormation::WaitConditionHandle": waitConditionHandle,
};
