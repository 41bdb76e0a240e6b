import type { Service } from "../service.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";

export const sts: Service = {
  operations: { sts: { GetCallerIdentity: getCallerIdentity } },
};
