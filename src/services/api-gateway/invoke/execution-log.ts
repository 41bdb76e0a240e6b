/** What a stage writes of each call: the steps on its way, for `loggingLevel`, and for TestInvokeMethod. */
export interface ExecutionLog {
  /** A step, where the level is INFO. */
  info(line: () => string): void;
  /** What failed, where the level is ERROR or INFO. */
  error(line: () => string): void;
  /** Bodies and headers, where `dataTraceEnabled` is on. */
  trace(line: () => string): void;
  readonly lines: readonly { readonly timeMs: number; readonly message: string }[];
}

/** Of a body that is traced. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html */
const LINE_CHARACTERS_MAX = 1024;
/** Of a call: what is more is left out. */
const LINES_MAX = 200;

export function executionLog(
  requestId: string,
  {
    level,
    traces,
    nowMs,
  }: { readonly level: "OFF" | "ERROR" | "INFO"; readonly traces: boolean; readonly nowMs: () => number },
): ExecutionLog {
  const lines: { timeMs: number; message: string }[] = [];
  const write = (line: () => string): void => {
    if (lines.length >= LINES_MAX) return;
    const text = line();
    const message = `(${requestId}) ${text.length > LINE_CHARACTERS_MAX ? `${text.slice(0, LINE_CHARACTERS_MAX)} [TRUNCATED]` : text}`;
    lines.push({ timeMs: nowMs(), message });
  };
  const nothing = (): void => {};
  const writeMasked = (line: () => string): void => write(() => masked(line()));
  return {
    lines,
    info: level === "INFO" ? write : nothing,
    error: level === "OFF" ? nothing : write,
    trace: traces && level === "INFO" ? writeMasked : nothing,
  };
}

const SECRET = /("(?:authorization|x-api-key|apiKey|x-amz-security-token)":\[?)"((?:[^"\\]|\\.)*)"/gi;
const SHOWN_CHARACTERS = 6;

/** "API Gateway redacts authorization headers, API key values, and similar sensitive request parameters from the logged data." The end of long ones stays. */
function masked(text: string): string {
  return text.replace(SECRET, (_all, name: string, value: string) => {
    const shown = value.length > 4 * SHOWN_CHARACTERS ? value.slice(-SHOWN_CHARACTERS) : "";
    return `${name}"${"*".repeat(value.length - shown.length)}${shown}"`;
  });
}
