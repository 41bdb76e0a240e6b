/** Event source mappings: functions that are invoked with what comes to a stream or a queue. */
import type { Handler, Platform } from "../../service.ts";
import * as operations from "./event-source-mappings.ts";
import { startMappings, stopMappings } from "./mapping-readers.ts";

export const mappingOperations: Readonly<Record<string, Handler>> = {
  CreateEventSourceMapping: operations.createEventSourceMapping,
  DeleteEventSourceMapping: operations.deleteEventSourceMapping,
  GetEventSourceMapping: operations.getEventSourceMapping,
  ListEventSourceMappings: operations.listEventSourceMappings,
  UpdateEventSourceMapping: operations.updateEventSourceMapping,
};

export function startEventSources(platform: Platform): void {
  operations.registerForgetting(platform);
  startMappings(platform);
}

export const stopEventSources: (platform: Platform) => void = stopMappings;
