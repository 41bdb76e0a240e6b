import { compositeKey } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { countEvents } from "./async-workers.ts";
import { functionArn, functionKey, functions, LATEST, versionKey, versions } from "./function.ts";
import { runningFunctions } from "./invocations.ts";
import type { ToldInvocation } from "./recent-invocations.ts";

const LISTED_MAX = 1_000;
const BACKLOG_MAX = 10_000;

/** How the caller's functions are: their sandboxes, what waits for them, what went wrong last. */
export async function listFunctionStatuses(context: Context): Promise<readonly object[]> {
  const { account, region, store } = context;
  const { sandboxes, concurrency, failures } = runningFunctions(context);
  const { documents } = await store.list(functions, { prefix: compositeKey(account, region, ""), limit: LISTED_MAX });
  return Promise.all(
    documents.map(async (found) => {
      const latest = await store.get(versions, versionKey(found, LATEST));
      const own = [...sandboxes.all].filter(({ version }) => version.functionId === found.id);
      return {
        name: found.name,
        arn: functionArn(found),
        runtime: latest?.runtime,
        state: "Active",
        modified: latest && new Date(latest.modifiedMs).toISOString(),
        reservedConcurrency: found.reservedConcurrency,
        running: concurrency.of(found.id),
        sandboxes: own.map(({ version, state, invocations, maxBytes }) => ({
          version: version.version,
          state,
          invocations,
          maxMemoryMb: Math.ceil(maxBytes / 1024 ** 2),
        })),
        backlog: await countEvents(context, found.id, BACKLOG_MAX),
        lastErrors: (failures.get(found.id) ?? []).map(({ timeMs, ...failure }) => ({
          time: new Date(timeMs).toISOString(),
          ...failure,
        })),
      };
    }),
  );
}

/** The last invocations of a function of the caller's, the oldest first. `undefined` where there is no such function. */
export async function findRecentInvocations(
  context: Context,
  name: string,
): Promise<readonly ToldInvocation[] | undefined> {
  const { account, region, store } = context;
  const found = await store.get(functions, functionKey({ account, region, name }));
  return found && runningFunctions(context).recent.of(found);
}
