/**
 * A believable contact centre of a shop that does not exist, Northwind Home, with one of everything that Trunkline hosts: made through the
 * APIs alone, as anybody could. What happens in it afterwards is a play like any other.
 */
import type { Api } from "../api.ts";
import type { Parameters } from "../parameters.ts";
import { roster } from "../roster.ts";
import { setUpCentre } from "../set-up.ts";
import { buildCases, openCases } from "./cases.ts";
import { buildCustomers } from "./customers.ts";
import { buildFiles, buildPlane, buildSegmentStream, putEvents } from "./plane.ts";
import { buildRules } from "./rules.ts";
import { type DemoStage, openStage } from "./stage.ts";

/** Where it is made, and what its things are called. */
export type DemoNames = Pick<DemoStage, "name" | "account" | "region">;

export interface DemoBuilt {
  readonly instanceId: string;
}

/** What is made, in this order. */
export const DEMO_STEPS = [
  "instance, queues, users and flows",
  "files and streams of conversations",
  "customer profiles",
  "cases",
  "Connect rules",
  "event rules, functions, deliveries and an API",
  "first cases and events",
] as const;

/** Throws `RefusedError` for the first thing that the server refuses; what was made by then stays. */
export async function buildDemo(
  api: Api,
  options: DemoNames & {
    readonly seed: string;
    readonly parameters: Parameters;
    /** Hears the name of each step before it is taken. */
    readonly onStep: (step: string) => void;
  },
): Promise<DemoBuilt> {
  const { seed, parameters, onStep } = options;
  const stage = openStage(api, options);
  let taken = 0;
  const step = () => onStep(DEMO_STEPS[taken++] as string);
  step();
  const agents = roster(seed, parameters);
  const centre = await setUpCentre(api, { alias: options.name, streams: true, analysed: true, agents, parameters });
  step();
  const bucket = await buildFiles(stage, centre.instanceId);
  await buildSegmentStream(stage, centre.instanceId);
  step();
  await buildCustomers(stage, centre);
  step();
  const cases = await buildCases(stage, centre);
  step();
  await buildRules(stage, centre, cases);
  step();
  await buildPlane(stage, centre, bucket);
  step();
  await openCases(stage, cases);
  await putEvents(stage);
  return { instanceId: centre.instanceId };
}
