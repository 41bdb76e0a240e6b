import { writeFileSync } from "node:fs";
import { ConfigError, readFlags } from "../flags.ts";
import {
  type Analysis,
  analyse,
  analysisFile,
  ConversationError,
  offlineEngine,
  type Redaction,
  readTranscript,
} from "../services/contact-lens/index.ts";
import { flagsOf } from "./commands.ts";
import { conversationPicture } from "./conversation-picture.ts";
import { conversationSvg } from "./conversation-svg.ts";
import { readInput } from "./input.ts";
import { printable } from "./printable.ts";

/** `trunkline analyze FILE`: prints what Contact Lens makes of a transcript, as a picture, as the analysis file, or as an SVG. */
export async function analyze(args: readonly string[]): Promise<number> {
  const { file, flags } = readArguments(args);
  const analysis = analysed(readInput(file), flags.language);
  const redaction = redactionOf(flags.redact);
  if (redaction && analysis.turns.some(({ entities }) => entities === undefined)) {
    throw new ConfigError(
      `personal data is not known in ${analysis.conversation.languageCode}, so it cannot be redacted`,
    );
  }
  if (flags.svg !== undefined) writeSvg(flags.svg, analysis);
  const header = { accountId: "000000000000", instanceId: "file", contactId: "file" };
  if (flags.json) console.log(JSON.stringify(analysisFile(analysis, header, redaction), null, 2));
  else console.log(conversationPicture(analysis, { redaction, isColoured: process.stdout.isTTY === true }).join("\n"));
  return 0;
}

function analysed(text: string, language: string | undefined): Analysis {
  try {
    return analyse(readTranscript(text, language), offlineEngine);
  } catch (error) {
    if (error instanceof ConversationError) throw new ConfigError(printable(error.message));
    throw error;
  }
}

interface AnalyzeFlags {
  readonly language?: string;
  readonly json?: boolean;
  readonly redact?: string;
  readonly svg?: string;
}

function readArguments(args: readonly string[]): { readonly file: string; readonly flags: AnalyzeFlags } {
  const { values, names } = readFlags("analyze", flagsOf("analyze"), args, { takesNames: true });
  const [file, ...more] = names;
  if (file === undefined || more.length > 0) throw new ConfigError('analyze takes one file, or "-" for standard input');
  return { file, flags: values as AnalyzeFlags };
}

function redactionOf(mode: string | undefined): Redaction | undefined {
  if (mode === undefined) return undefined;
  if (mode !== "PII" && mode !== "EntityType") throw new ConfigError("--redact takes PII or EntityType");
  return { mode };
}

function writeSvg(file: string, analysis: Analysis): void {
  try {
    writeFileSync(file, conversationSvg(analysis));
  } catch (error) {
    throw new ConfigError(`${file} cannot be written: ${(error as Error).message}`);
  }
}
