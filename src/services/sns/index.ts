/** SNS: topics, and subscriptions that what is published goes to. */
import type { Service } from "../service.ts";

export const sns: Service = {
  operations: { sns: {} },
};
