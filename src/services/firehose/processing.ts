/** What is done with records on their way: https://docs.aws.amazon.com/firehose/latest/APIReference/API_Processor.html */
import type { ProcessingConfiguration, Processor } from "@aws-sdk/client-firehose";
import type { Validated } from "../../models/validated.ts";
import { invalidArgument } from "./errors.ts";

type Parameters = Readonly<Record<string, string>>;

/** A function that records go through. */
export interface LambdaProcessor {
  readonly functionArn: string;
  readonly retriesMax: number;
  readonly bufferBytes: number;
  readonly intervalSeconds: number;
}

export interface Processing {
  /** Records are those of CloudWatch Logs' subscriptions. https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html */
  readonly decompresses?: true;
  /** Of them only the messages of log events are kept. */
  readonly messagesOnly?: boolean;
  readonly lambda?: LambdaProcessor;
  /** Goes behind each record. */
  readonly delimiter?: string;
}

const MIB = 1024 * 1024;

/** https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
const LAMBDA_MIB = { default: 1, min: 0.2, max: 3 };
const LAMBDA_SECONDS = { default: 60, min: 0, max: 900 };
const RETRIES = { default: 3, min: 0, max: 300 };

const LAMBDA_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(:[a-zA-Z0-9$_-]+)?$/;

/** Throws `InvalidArgumentException`. */
export function checkProcessing(config: Validated<ProcessingConfiguration> | undefined): void {
  const processors = config?.Processors ?? [];
  const types = processors.map(({ Type }) => Type);
  if (new Set(types).size < types.length) {
    throw invalidArgument("Only one processor of each type can be specified.");
  }
  if (config?.Enabled && processors.length === 0) {
    throw invalidArgument("At least one processor must be specified when processing is enabled.");
  }
  partsOf(config);
  if (types.includes("CloudWatchLogProcessing") && !types.includes("Decompression")) {
    throw invalidArgument("Processor CloudWatchLogProcessing needs processor Decompression.");
  }
}

/** What a configuration comes to; nothing where it is not enabled. */
export function processingOf(config: Validated<ProcessingConfiguration> | undefined): Processing {
  return config?.Enabled ? partsOf(config) : {};
}

function partsOf(config: Validated<ProcessingConfiguration> | undefined): Processing {
  return Object.assign({}, ...(config?.Processors ?? []).map(partOf));
}

function partOf(processor: Validated<Processor>): Processing {
  const given = (processor.Parameters ?? []).map(({ ParameterName, ParameterValue }) => [
    ParameterName,
    ParameterValue,
  ]);
  const parameters: Parameters = Object.fromEntries(given);
  switch (processor.Type) {
    case "Lambda":
      return { lambda: lambdaOf(parameters) };
    case "AppendDelimiterToRecord":
      return { delimiter: delimiterOf(parameters.Delimiter ?? "\\n") };
    case "Decompression":
      return decompressionOf(parameters);
    case "CloudWatchLogProcessing":
      return { messagesOnly: flagOf(parameters, "DataMessageExtraction") };
    case "MetadataExtraction":
    case "RecordDeAggregation":
      throw invalidArgument(`Processor ${processor.Type} is not built here.`);
    default:
      return processor.Type satisfies never;
  }
}

function decompressionOf({ CompressionFormat: format = "GZIP" }: Parameters): Processing {
  if (format !== "GZIP") throw invalidArgument("CompressionFormat of processor Decompression must be GZIP.");
  return { decompresses: true };
}

function flagOf(parameters: Parameters, name: string): boolean {
  const text = parameters[name]?.toLowerCase() ?? "false";
  if (text !== "true" && text !== "false") throw invalidArgument(`${name} must be true or false.`);
  return text === "true";
}

function lambdaOf(parameters: Parameters): LambdaProcessor {
  const { LambdaArn: functionArn = "" } = parameters;
  if (functionArn === "") throw invalidArgument("LambdaArn must be specified for processor Lambda.");
  if (!LAMBDA_ARN.test(functionArn)) throw invalidArgument(`Invalid Lambda ARN: ${functionArn}`);
  return {
    functionArn,
    retriesMax: numberOf(parameters, "NumberOfRetries", RETRIES),
    bufferBytes: numberOf(parameters, "BufferSizeInMBs", LAMBDA_MIB) * MIB,
    intervalSeconds: numberOf(parameters, "BufferIntervalInSeconds", LAMBDA_SECONDS),
  };
}

function numberOf(
  parameters: Parameters,
  name: string,
  bounds: { readonly default: number; readonly min: number; readonly max: number },
): number {
  const text = parameters[name];
  if (text === undefined) return bounds.default;
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < bounds.min || value > bounds.max) {
    throw invalidArgument(`${name} must be a number from ${bounds.min} to ${bounds.max}.`);
  }
  return value;
}

/** As it is written in JSON: `\n` is a new line. */
function delimiterOf(text: string): string {
  return text.replace(/\\([nrt\\])/g, (_, letter: string) => ({ n: "\n", r: "\r", t: "\t" })[letter] ?? "\\");
}
