import type { Reader } from "../../store/store.ts";
import { getInstance, type InstanceRef } from "../connect/index.ts";
import type { OwedAction } from "./owed-action.ts";
import { withVariables } from "./variables.ts";

/** What puts the values of variables into the texts of an action. */
export async function fillerOf(
  reader: Reader,
  { instance, ruleName, source, document }: OwedAction,
): Promise<(text: string) => string> {
  const values = { ...document, RuleName: ruleName, InstanceUrl: await instanceUrlOf(reader, instance) };
  return (text) => withVariables(text, source, values);
}

export async function instanceUrlOf(reader: Reader, instance: InstanceRef): Promise<string> {
  const { alias, instanceId } = await getInstance(reader, instance, instance.instanceId);
  return `https://${alias ?? instanceId}.my.connect.aws`;
}
