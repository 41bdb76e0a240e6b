import { readFlags } from "../flags.ts";
import { services } from "../services/index.ts";
import { flagsOf } from "./commands.ts";

/** `trunkline operations`: a line for each built operation, `service Operation`; with a name, only those of one service. */
export async function operations(args: readonly string[]): Promise<number> {
  const { names } = readFlags("operations", flagsOf("operations"), args, { takesNames: true });
  const [wanted] = names;
  const rows = services
    .flatMap((service) => Object.entries(service.operations))
    .filter(([model]) => wanted === undefined || model === wanted)
    .flatMap(([model, handlers]) => Object.keys(handlers).map((operation) => `${model} ${operation}`));
  if (rows.length === 0) {
    console.error(`trunkline: no operation of ${wanted} is built`);
    return 1;
  }
  console.log(rows.sort().join("\n"));
  return 0;
}
