import { ConfigError } from "../config.ts";
import type { StageStatus } from "../services/api-gateway/index.ts";
import { readTarget, request } from "./client.ts";
import { printable } from "./printable.ts";

/** `trunkline apis`: the stages of the account's APIs, where they are called, and what their routes call. */
export async function apis(args: readonly string[]): Promise<number> {
  const target = readTarget("apis", args);
  if (target.names.length > 0) throw new ConfigError("apis takes no names");
  const text = await (await request(target, "GET", "/_trunkline/apis")).text();
  const { stages } = JSON.parse(text) as { stages: readonly StageStatus[] };
  const lines = stages.length > 0 ? stages.flatMap(shown) : ["No API has a stage"];
  console.log(target.flags.json ? text.trimEnd() : lines.map(printable).join("\n"));
  return 0;
}

function shown({ name, kind, stage, url, deploymentId, routes }: StageStatus): string[] {
  const state = deploymentId === undefined ? "  nothing is deployed" : "";
  const each = routes.map(({ route, calls, guards }) => `  ${[route, "→", calls, ...guards].join("  ")}`);
  return [`${name} (${kind})  ${stage}  ${url}${state}`, ...each];
}
