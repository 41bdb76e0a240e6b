/** Calls as text of the AWS CLI. */
import { region } from "../server.ts";

/** A call that does the same in a shell. */
export function cliText(model: string, operation: string, input: unknown): string {
  const isEmpty = typeof input === "object" && input !== null && Object.keys(input).length === 0;
  const parts = [
    `aws ${COMMANDS[model] ?? model} ${kebab(operation)}`,
    `--endpoint-url ${location.origin} --region ${region.value}`,
    ...(isEmpty ? [] : [`--cli-input-json ${quoted(JSON.stringify(input))}`]),
  ];
  return parts.join(" \\\n  ");
}

/** Where the CLI has a name of its own. */
const COMMANDS: Readonly<Record<string, string>> = { s3: "s3api" };

/** As the CLI spells an operation: `GetMetricDataV2` is `get-metric-data-v2`. */
function kebab(operation: string): string {
  return operation
    .replace(/[A-Z]{2,}s$/, (plural) => `-${plural.toLowerCase()}`)
    .replace(/(.)([A-Z][a-z]+)/g, "$1-$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
