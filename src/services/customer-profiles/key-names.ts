import type { FieldContentType } from "@aws-sdk/client-customer-profiles";
import type { Reader } from "../../store/store.ts";
import type { Domain } from "./domain.ts";

export async function keyContentTypes(
  _reader: Reader,
  _domain: Domain,
  _name: string,
): Promise<readonly FieldContentType[] | undefined> {
  return undefined;
}
