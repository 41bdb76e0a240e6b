import assert from "node:assert/strict";
import type { FindSink, Sink } from "./sink.ts";

/** Which sink takes what is sent to an ARN. */
export interface SinkTable {
  declare(service: string, resourcePrefix: string, sink: Sink): void;
  readonly find: FindSink;
}

export function createSinkTable(): SinkTable {
  /** Service → sinks, the one with the longest prefix first. */
  const table = new Map<string, { resourcePrefix: string; sink: Sink }[]>();

  return {
    declare(service, resourcePrefix, sink) {
      const sinks = table.get(service) ?? [];
      assert(
        sinks.every((other) => other.resourcePrefix !== resourcePrefix),
        `A sink for ${service}:${resourcePrefix} is declared already`,
      );
      sinks.push({ resourcePrefix, sink });
      sinks.sort((a, b) => b.resourcePrefix.length - a.resourcePrefix.length);
      table.set(service, sinks);
    },
    find(arn) {
      // arn:partition:service:region:account:resource, where the resource may contain colons.
      const [, , service = "", , , ...resource] = arn.split(":");
      return table.get(service)?.find(({ resourcePrefix }) => resource.join(":").startsWith(resourcePrefix))?.sink;
    },
  };
}
