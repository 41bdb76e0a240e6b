import type { Reader, Store } from "../../../store/store.ts";
import { perStore } from "../../per-store.ts";
import type { Caller } from "../../service.ts";
import { invokeFunction } from "../invoke-function.ts";
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
  find: async () => undefined,
  invoke: invokeFunction,
  actAs: actAsRole,
}));
