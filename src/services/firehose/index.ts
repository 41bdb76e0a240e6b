/** Firehose: delivery streams that gather records and write them to S3 or an HTTP endpoint. */
import type { Service } from "../service.ts";

export const firehose: Service = {
  operations: { firehose: {} },
};
