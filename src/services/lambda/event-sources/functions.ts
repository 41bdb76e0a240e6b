import type { Reader, Store } from "../../../store/store.ts";
import { perStore } from "../../per-store.ts";
import type { Caller } from "../../service.ts";
import { findTarget } from "../find-function.ts";
import { invokeFunction, parseArn } from "../invoke-function.ts";
import { actAsRole } from "./source-access.ts";

/** What a mapping must know of its function. */
export interface MappedFunction {
  /** With the qualifier that it was named with. */
  readonly arn: string;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
}

/** The functions that mappings invoke, and their roles. Tests replace them. */
export interface Functions {
  /** By an ARN, with or without a qualifier. `undefined`: there is none. */
  find(reader: Reader, arn: string, owner: Pick<Caller, "account" | "region">): Promise<MappedFunction | undefined>;
  invoke: typeof invokeFunction;
  actAs: typeof actAsRole;
}

export const functionsOf: (store: Store) => Functions = perStore(() => ({
  find: findFunction,
  invoke: invokeFunction,
  actAs: actAsRole,
}));

async function findFunction(
  reader: Reader,
  arn: string,
  owner: Pick<Caller, "account" | "region">,
): Promise<MappedFunction | undefined> {
  const named = parseArn(arn);
  if (named?.account !== owner.account || named.region !== owner.region) return undefined;
  // Which of an alias's two versions it is makes no difference for what is asked here, but for their roles: those of the first.
  const target = await findTarget(reader, named, () => 1);
  return target && { arn, roleArn: target.version.role, timeoutSeconds: target.version.timeoutSeconds };
}
