/** The lines that the service itself writes around a handler's own. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
import type { FunctionVersion } from "../function.ts";

export interface Report {
  readonly requestId: string;
  readonly status: "success" | "error" | "timeout";
  readonly errorType?: string;
  readonly durationMs: number;
  readonly initMs?: number | undefined;
  readonly maxBytes: number;
}

const MIB = 1024 * 1024;

/** `undefined`: the function's system log level leaves it out. */
export function startLine(
  { version, logging }: FunctionVersion,
  requestId: string,
  wallMs: number,
): string | undefined {
  if (logging.format === "Text") return `START RequestId: ${requestId} Version: ${version}`;
  if (logging.systemLevel === "WARN") return undefined;
  return json(wallMs, "platform.start", { requestId, version });
}

export function reportLines({ memoryMb, logging }: FunctionVersion, report: Report, wallMs: number): readonly string[] {
  const { requestId, status, errorType, durationMs, initMs, maxBytes } = report;
  const billedMs = Math.ceil(durationMs);
  const usedMb = Math.ceil(maxBytes / MIB);
  if (logging.format === "JSON") {
    if (logging.systemLevel === "WARN" && status === "success") return [];
    const metrics = {
      durationMs: rounded(durationMs),
      billedDurationMs: billedMs,
      memorySizeMB: memoryMb,
      maxMemoryUsedMB: usedMb,
      ...(initMs !== undefined && { initDurationMs: rounded(initMs) }),
    };
    const outcome = status === "success" ? { status } : { status, errorType };
    return [json(wallMs, "platform.report", { requestId, metrics, ...outcome })];
  }
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billedMs} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${usedMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ...(status === "timeout" ? ["Status: timeout"] : []),
    ...(status === "error" && isRuntimes(errorType) ? ["Status: error", `Error Type: ${errorType}`] : []),
  ];
  return [`END RequestId: ${requestId}`, `${fields.join("\t")}\t`];
}

/** An error that a handler throws is its answer; these are told of in the report too. */
function isRuntimes(errorType = ""): boolean {
  return errorType.startsWith("Runtime.");
}

function json(wallMs: number, type: string, record: object): string {
  return JSON.stringify({ time: new Date(wallMs).toISOString(), type, record });
}

function rounded(ms: number): number {
  return Number(ms.toFixed(3));
}
