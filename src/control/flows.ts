import { listFlowStatuses, requireFlow, runFlow, showFlow, showRun } from "../services/appflow/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { answering } from "./connect-answer.ts";

/**
 * `GET /_trunkline/flows`: the caller's flows, with their health and last run. `GET /_trunkline/flows/NAME`: one with its runs, `…/runs/ID`: one of them.
 * `POST /_trunkline/flows/NAME/runs`: has it run now, whatever its trigger is, and answers with `{"id"}` of the run.
 */
export async function flowEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
): Promise<PlainResponse | undefined> {
  const [name, what, id, ...others] = path;
  if (others.length > 0 || (what !== undefined && what !== "runs")) return undefined;
  const { account, region, store } = context;
  const ref = { account, region, name: name ?? "" };
  if (method === "POST" && what === "runs" && id === undefined) {
    const start = () => store.commit(async (unit) => runFlow(unit, context, await requireFlow(unit, ref)));
    return answering(async () => ({ id: await start() }));
  }
  if (method !== "GET") return undefined;
  const show = (read: () => Promise<unknown>) => answering(() => store.durably(read));
  if (name === undefined) return show(async () => ({ flows: await listFlowStatuses(context, ref) }));
  if (what === undefined) return show(() => showFlow(context, ref));
  return id === undefined ? undefined : show(() => showRun(context, ref, id));
}
