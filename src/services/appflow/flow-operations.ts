import type {
  DescribeFlowRequest,
  DescribeFlowResponse,
  ListFlowsRequest,
  ListFlowsResponse,
  StartFlowRequest,
  StartFlowResponse,
  StopFlowRequest,
  StopFlowResponse,
} from "@aws-sdk/client-appflow";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { describedFlow, listedFlow } from "./described-flow.ts";
import { conflict, invalidNextToken, notFound, unsupported } from "./errors.ts";
import { type Flow, type FlowRef, findFlow, flowArn, flowRuns, flows, lastRunOf } from "./flow-document.ts";
import { startRun } from "./flow-runs.ts";
import { activateFlow, suspendFlow } from "./flows.ts";

const LISTED_DEFAULT = 100;

/**
 * Runs a flow on demand, and lets any other run by itself again. A client token that has started a run starts no other one.
 *
 * Throws `ConflictException` where a run of it is in progress.
 */
export async function startFlow(input: Validated<StartFlowRequest>, context: Context): Promise<StartFlowResponse> {
  return context.store.commit(async (unit) => {
    const flow = await getFlow(unit, context, input.flowName);
    if (flow.plan.trigger.type !== "OnDemand") {
      const active = flow.status === "Active" ? flow : activateFlow(unit, context, flow);
      return { flowArn: flowArn(active), flowStatus: active.status };
    }
    const executionId = await startOnce(unit, context, flow, input.clientToken);
    return { flowArn: flowArn(flow), flowStatus: flow.status, executionId };
  });
}

async function startOnce(unit: Unit, context: Context, flow: Flow, clientToken: string | undefined): Promise<string> {
  if (clientToken !== undefined) {
    const range = { index: "token", equals: compositeKey(flow.uid, clientToken), limit: 1 };
    const [started] = (await unit.list(flowRuns, range)).documents;
    if (started) return started.id;
  }
  if (flow.activeRunId !== undefined) throw conflict(`Flow ${flow.name} is already running`);
  return startRun(unit, context, flow, { cause: "on demand", clientToken });
}

/** Has a flow run no more by itself; a run that is in progress goes on. */
export async function stopFlow(input: Validated<StopFlowRequest>, context: Context): Promise<StopFlowResponse> {
  return context.store.commit(async (unit) => {
    const flow = await getFlow(unit, context, input.flowName);
    if (flow.plan.trigger.type === "OnDemand") {
      throw unsupported(`Flow ${flow.name} runs on demand: only a flow with a schedule or events can be stopped`);
    }
    const stopped = flow.status === "Suspended" ? flow : suspendFlow(unit, context, flow);
    return { flowArn: flowArn(stopped), flowStatus: stopped.status };
  });
}

export async function describeFlow(
  input: Validated<DescribeFlowRequest>,
  context: Context,
): Promise<DescribeFlowResponse> {
  const flow = await getFlow(context.store, context, input.flowName);
  return describedFlow(flow, await lastRunOf(context.store, flow));
}

/** By name, without those that were made for an integration that has none of its own. */
export async function listFlows(input: Validated<ListFlowsRequest>, context: Context): Promise<ListFlowsResponse> {
  const { account, region, store } = context;
  const { items, nextToken } = await listPage(
    store,
    { collection: flows, under: [account, region], nameOf: ({ name }) => name, keep: ({ isHidden }) => !isHidden },
    {
      of: ["ListFlows", account, region],
      token: input.nextToken,
      limit: input.maxResults ?? LISTED_DEFAULT,
      refuse: invalidNextToken,
    },
  );
  const listed = items.map(async (flow) => listedFlow(flow, await lastRunOf(store, flow)));
  return { flows: await Promise.all(listed), nextToken };
}

/** A flow that its account sees, or `ResourceNotFoundException`. */
export async function getFlow(reader: Reader, { account, region }: Omit<FlowRef, "name">, name: string): Promise<Flow> {
  const flow = await findFlow(reader, { account, region, name });
  if (!flow || flow.isHidden) throw notFound(`Flow with name ${name} is not found.`);
  return flow;
}
