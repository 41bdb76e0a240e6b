/** How a function's asynchronous invocations are retried, and where their outcomes go. */
import type {
  DeleteFunctionEventInvokeConfigRequest,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigRequest,
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
  PutFunctionEventInvokeConfigRequest,
  UpdateFunctionEventInvokeConfigRequest,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { invalid, notFound } from "./errors.ts";
import { getAliasOf, getFunctionOf, getVersionOf, type Named, parseOwnName } from "./find-function.ts";
import { type FunctionRef, functionArn, isVersion, LATEST, versionsOf } from "./function.ts";

export interface InvokeConfig extends FunctionRef {
  /** `$LATEST`, a version or an alias. */
  readonly qualifier: string;
  readonly retryAttemptsMax?: number;
  readonly eventAgeSecondsMax?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly modifiedMs: number;
}

export const invokeConfigs: Collection<InvokeConfig> = collection<InvokeConfig>("lambda_invoke_configs");

function key({ account, region, name }: FunctionRef, qualifier = LATEST): string {
  return compositeKey(account, region, name, qualifier);
}

/** What holds for events of a function that were sent to a version or an alias. */
export function findInvokeConfig(
  reader: Reader,
  ref: FunctionRef,
  qualifier?: string,
): Promise<InvokeConfig | undefined> {
  return reader.get(invokeConfigs, key(ref, qualifier));
}

/** Puts a configuration in place of the one that is there. */
export async function putFunctionEventInvokeConfig(
  input: Validated<PutFunctionEventInvokeConfigRequest>,
  context: Context,
): Promise<FunctionEventInvokeConfig> {
  return change(input, context, "PutFunctionEventInvokeConfig", () => ({}));
}

/** Changes what is given. */
export async function updateFunctionEventInvokeConfig(
  input: Validated<UpdateFunctionEventInvokeConfigRequest>,
  context: Context,
): Promise<FunctionEventInvokeConfig> {
  return change(input, context, "UpdateFunctionEventInvokeConfig", (before, named) => {
    if (before === undefined) throw noConfig(named);
    return before;
  });
}

async function change(
  input: Validated<PutFunctionEventInvokeConfigRequest>,
  context: Context,
  operation: string,
  basis: (before: InvokeConfig | undefined, named: Named) => Partial<InvokeConfig>,
): Promise<FunctionEventInvokeConfig> {
  const named = parseOwnName(input.FunctionName, context, operation, input.Qualifier);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = input;
  const onSuccess = DestinationConfig?.OnSuccess?.Destination;
  const onFailure = DestinationConfig?.OnFailure?.Destination;
  for (const arn of [onSuccess, onFailure]) checkDestination(arn, named);
  if (MaximumRetryAttempts === undefined && MaximumEventAgeInSeconds === undefined && DestinationConfig === undefined) {
    throw invalid("You must specify at least one of error handling or destination setting.");
  }
  const changed = await context.store.commit(async (unit) => {
    await requireNamed(unit, named);
    const {
      onSuccess: oldSuccess,
      onFailure: oldFailure,
      ...before
    } = basis(await findInvokeConfig(unit, named, named.qualifier), named);
    const success = onSuccess ?? oldSuccess;
    const failure = onFailure ?? oldFailure;
    const config: InvokeConfig = {
      ...before,
      account: named.account,
      region: named.region,
      name: named.name,
      qualifier: named.qualifier ?? LATEST,
      ...(MaximumRetryAttempts !== undefined && { retryAttemptsMax: MaximumRetryAttempts }),
      ...(MaximumEventAgeInSeconds !== undefined && { eventAgeSecondsMax: MaximumEventAgeInSeconds }),
      ...(success && { onSuccess: success }),
      ...(failure && { onFailure: failure }),
      modifiedMs: context.clock.now(),
    };
    unit.put(invokeConfigs, key(named, named.qualifier), config);
    return config;
  });
  return described(changed);
}

export async function getFunctionEventInvokeConfig(
  input: Validated<GetFunctionEventInvokeConfigRequest>,
  context: Context,
): Promise<FunctionEventInvokeConfig> {
  const named = parseOwnName(input.FunctionName, context, "GetFunctionEventInvokeConfig", input.Qualifier);
  const config = await findInvokeConfig(context.store, named, named.qualifier);
  if (config === undefined) throw noConfig(named);
  return described(config);
}

export async function deleteFunctionEventInvokeConfig(
  input: Validated<DeleteFunctionEventInvokeConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const named = parseOwnName(input.FunctionName, context, "DeleteFunctionEventInvokeConfig", input.Qualifier);
  await context.store.commit(async (unit) => {
    if ((await findInvokeConfig(unit, named, named.qualifier)) === undefined) throw noConfig(named);
    unit.delete(invokeConfigs, key(named, named.qualifier));
  });
  return {};
}

const LISTED_MAX = 50;

export async function listFunctionEventInvokeConfigs(
  input: Validated<ListFunctionEventInvokeConfigsRequest>,
  context: Context,
): Promise<ListFunctionEventInvokeConfigsResponse> {
  const named = parseOwnName(input.FunctionName, context, "ListFunctionEventInvokeConfigs");
  const { account, region, name } = await getFunctionOf(context.store, named);
  const { items, nextToken } = await listPage(
    context.store,
    { collection: invokeConfigs, under: [account, region, name], nameOf: ({ qualifier }) => qualifier },
    {
      of: ["ListFunctionEventInvokeConfigs", account, region, name],
      token: input.Marker,
      limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
      refuse: () => invalid("Invalid Marker."),
    },
  );
  return {
    ...(nextToken !== undefined && { NextMarker: nextToken }),
    FunctionEventInvokeConfigs: items.map(described),
  };
}

const DELETED_AT_ONCE = 1000;

/** Its function goes. */
export async function deleteInvokeConfigs(unit: Unit, ref: FunctionRef): Promise<void> {
  const all = await unit.list(invokeConfigs, { prefix: versionsOf(ref), limit: DELETED_AT_ONCE });
  for (const { qualifier } of all.documents) unit.delete(invokeConfigs, key(ref, qualifier));
}

async function requireNamed(reader: Reader, named: Named): Promise<void> {
  await getFunctionOf(reader, named);
  if (named.qualifier === undefined || isVersion(named.qualifier)) await getVersionOf(reader, named);
  else await getAliasOf(reader, named, named.qualifier);
}

function checkDestination(arn: string | undefined, named: Named): void {
  if (!arn) return;
  const isKnown =
    /^arn:aws[a-zA-Z-]*:sqs:[^:]+:\d{12}:[^:.]+$/.test(arn) ||
    /^arn:aws[a-zA-Z-]*:sns:[^:]+:\d{12}:[^:.]+$/.test(arn) ||
    /^arn:aws[a-zA-Z-]*:lambda:[^:]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(arn) ||
    /^arn:aws[a-zA-Z-]*:events:[^:]+:\d{12}:event-bus\/.+$/.test(arn) ||
    /^arn:aws[a-zA-Z-]*:s3:::[^/]+$/.test(arn);
  if (!isKnown)
    throw invalid(
      `The provided destination config DestinationConfig is invalid: ${arn} is no queue, topic, function, event bus or bucket.`,
    );
  if (arn === functionArn(named)) throw invalid("You can't specify the function as a destination for itself.");
}

function noConfig(named: Named): Error {
  return notFound(`The function ${functionArn(named, named.qualifier ?? LATEST)} doesn't have an EventInvokeConfig`);
}

function described(config: InvokeConfig): FunctionEventInvokeConfig {
  const { onSuccess, onFailure } = config;
  return {
    LastModified: new Date(config.modifiedMs),
    FunctionArn: functionArn(config, config.qualifier),
    ...(config.retryAttemptsMax !== undefined && { MaximumRetryAttempts: config.retryAttemptsMax }),
    ...(config.eventAgeSecondsMax !== undefined && { MaximumEventAgeInSeconds: config.eventAgeSecondsMax }),
    DestinationConfig: {
      OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
      OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
    },
  };
}
