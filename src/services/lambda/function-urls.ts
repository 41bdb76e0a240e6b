import type { Unit } from "../../store/store.ts";
import type { FunctionRef } from "./function.ts";

/** Its function goes. */
export async function deleteUrlConfigs(_unit: Unit, _ref: FunctionRef): Promise<void> {}
