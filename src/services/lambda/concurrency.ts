/** How many invocations run at the same time, and how many may. */
import type {
  DeleteFunctionConcurrencyRequest,
  GetFunctionConcurrencyRequest,
  GetFunctionConcurrencyResponse,
  PutFunctionConcurrencyRequest,
} from "@aws-sdk/client-lambda";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { invalid } from "./errors.ts";
import { getFunctionOf, parseOwnName } from "./find-function.ts";
import { type FunctionRef, functionKey, functions, type LambdaFunction } from "./function.ts";
import { UNRESERVED_CONCURRENCY_MIN } from "./limits.ts";
import { concurrencyMax } from "./quotas.ts";

/** What the functions of an account have reserved together: what is left is what the others share. */
const reservations: Collection<{ readonly reserved: number }> = collection("lambda_reservations");

type Owner = Pick<FunctionRef, "account" | "region">;

export async function putFunctionConcurrency(
  input: Validated<PutFunctionConcurrencyRequest>,
  context: Context,
): Promise<{ ReservedConcurrentExecutions: number }> {
  const named = parseOwnName(input.FunctionName, context, "PutFunctionConcurrency");
  const reserved = input.ReservedConcurrentExecutions;
  await context.store.commit(async (unit) => {
    const found = await getFunctionOf(unit, named);
    await reserve(unit, context, found, reserved);
    unit.put(functions, functionKey(named), { ...found, reservedConcurrency: reserved });
  });
  return { ReservedConcurrentExecutions: reserved };
}

export async function getFunctionConcurrency(
  input: Validated<GetFunctionConcurrencyRequest>,
  context: Context,
): Promise<GetFunctionConcurrencyResponse> {
  const named = parseOwnName(input.FunctionName, context, "GetFunctionConcurrency");
  const { reservedConcurrency } = await getFunctionOf(context.store, named);
  return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
}

export async function deleteFunctionConcurrency(
  input: Validated<DeleteFunctionConcurrencyRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const named = parseOwnName(input.FunctionName, context, "DeleteFunctionConcurrency");
  await context.store.commit(async (unit) => {
    const found = await getFunctionOf(unit, named);
    await reserve(unit, context, found, undefined);
    const { reservedConcurrency: _was, ...rest } = found;
    unit.put(functions, functionKey(named), rest);
  });
  return {};
}

/** Changes what a function has reserved. Throws where too little would be left for the others. */
export async function reserve(
  unit: Unit,
  platform: Pick<Platform, "limits">,
  { account, region, reservedConcurrency = 0 }: LambdaFunction,
  wanted: number | undefined,
): Promise<void> {
  const key = compositeKey(account, region);
  const { reserved } = (await unit.get(reservations, key)) ?? { reserved: 0 };
  const now = reserved - reservedConcurrency + (wanted ?? 0);
  if ((wanted ?? 0) > reservedConcurrency && concurrencyMax(platform) - now < UNRESERVED_CONCURRENCY_MIN) {
    throw invalid(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_CONCURRENCY_MIN}].`,
    );
  }
  unit.put(reservations, key, { reserved: now });
}

/** What functions without a reservation share. */
export async function unreservedConcurrency(
  platform: Pick<Platform, "limits" | "store">,
  { account, region }: Owner,
): Promise<number> {
  const { reserved } = (await platform.store.get(reservations, compositeKey(account, region))) ?? { reserved: 0 };
  return Math.max(0, concurrencyMax(platform) - reserved);
}

/** Counts what runs. In memory: whatever ran has ended when the server has. */
export class Concurrency {
  readonly #platform: Platform;
  readonly #byFunction = new Map<string, number>();
  /** Of functions without a reservation. */
  readonly #byAccount = new Map<string, number>();
  running = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  of(functionId: string): number {
    return this.#byFunction.get(functionId) ?? 0;
  }

  /** Takes one of a function's places, and answers what gives it back. Throws `TooManyRequestsException` where there is none. */
  async take(found: LambdaFunction): Promise<() => void> {
    const { id, account, region, reservedConcurrency } = found;
    const key = compositeKey(account, region);
    if (reservedConcurrency !== undefined) {
      if (this.of(id) >= reservedConcurrency) throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
    } else {
      const most = await unreservedConcurrency(this.#platform, found);
      if ((this.#byAccount.get(key) ?? 0) >= most) throw throttled("ConcurrentInvocationLimitExceeded");
      add(this.#byAccount, key, 1);
    }
    add(this.#byFunction, id, 1);
    this.running++;
    return () => {
      add(this.#byFunction, id, -1);
      if (reservedConcurrency === undefined) add(this.#byAccount, key, -1);
      this.running--;
    };
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

function throttled(reason: string): ModeledError {
  return new ModeledError("TooManyRequestsException", "Rate Exceeded.", { Reason: reason });
}
