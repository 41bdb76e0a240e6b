/** What `--help` prints, in the order of a manual's page, made of the table of commands. */
import { ConfigError, version } from "../config.ts";
import { type Flag, type Flags, takesValue } from "../flags.ts";
import { nearest } from "../models/nearest.ts";
import { commands, EXIT_CODES, flagsOf, SERVER_VARIABLES } from "./commands.ts";

/** Columns of a terminal that it is written for. */
const WIDTH = 100;
const INDENT = "  ";
/** What is longer gets a line of its own. */
const TERM_WIDTH = 24;

/** The help of one command, or of all. Throws `ConfigError` for a command that is not there. */
export function help(command: string | undefined): string {
  if (command === undefined) return overview();
  if (!Object.hasOwn(commands, command)) throw new ConfigError(noSuchCommand(command));
  return page(command);
}

/** One line for whoever misspelt a command. */
export function noSuchCommand(given: string): string {
  const meant = nearest(given, Object.keys(commands));
  return `there is no command ${given}${meant === undefined ? "" : `; did you mean ${meant}?`} (trunkline help lists all)`;
}

function overview(): string {
  return [
    `Trunkline ${version()}: a contact-centre event platform that speaks Amazon Connect's APIs.`,
    "Usage: trunkline COMMAND [FLAGS]\n       trunkline --help | --version",
    section("Commands", terms(Object.entries(commands).map(([name, { summary }]) => [name, summary]))),
    section("Exit codes", terms(Object.entries(EXIT_CODES))),
    section("Examples", [
      ...example("start", "run the server on http://127.0.0.1:4510"),
      ...example(
        "start --help",
        "its flags, and the variables that say the same; so has each command a page of its own",
      ),
    ]),
    section("See also", [`${INDENT}README.md, docs/install.md, docs/upgrading.md`]),
  ].join("\n\n");
}

function page(name: string): string {
  const command = commands[name];
  if (command === undefined) throw new ConfigError(noSuchCommand(name));
  const lead = (place: number): string => (place === 0 ? "Usage: " : "       ");
  const usage = command.usage.map((text, place) => `${lead(place)}trunkline ${name} ${text}`.trimEnd());
  const variables = { ...command.variables, ...(command.asksServer && SERVER_VARIABLES) };
  const sections = [
    usage.join("\n"),
    paragraphs(command.description),
    section("Flags", terms([...Object.entries(shown(flagsOf(name))).map(flagTerm), ["-h, --help", "print this"]])),
    Object.keys(variables).length > 0 && section("Environment", terms(Object.entries(variables))),
    section(
      "Exit codes",
      terms(Object.entries(command.exitCodes ?? { 0: EXIT_CODES[0] ?? "", 1: EXIT_CODES[1] ?? "" })),
    ),
    section(
      "Examples",
      Object.entries(command.examples).flatMap(([line, what]) => example(line, what)),
    ),
    section("See also", [INDENT + command.seeAlso.map((it) => (it in commands ? `trunkline ${it}` : it)).join(", ")]),
  ];
  return sections.filter((text) => text !== false).join("\n\n");
}

/** Flags that users are told of. */
export function shown(flags: Flags): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([, { isHidden }]) => !isHidden));
}

function flagTerm([name, flag]: [string, Flag]): [string, string] {
  return [`--${name}${takesValue(flag) ? ` ${flag.takes ?? flag.choices?.join("|")}` : ""}`, whatItSays(flag)];
}

function whatItSays({ says, environment, default: applied, otherwise, repeats }: Flag): string {
  const value = applied ?? otherwise;
  const asides = [
    ...(environment ?? []),
    ...(value === undefined ? [] : [`default ${value}`]),
    ...(repeats ? ["may be repeated"] : []),
  ];
  return asides.length > 0 ? `${says} (${asides.join(", ")})` : says;
}

function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines].join("\n");
}

function example(line: string, what: string): string[] {
  return [
    `${INDENT}trunkline ${line}`,
    ...wrapped(what, WIDTH - 6).map((text) => `${INDENT}${INDENT}${INDENT}${text}`),
  ];
}

/** Terms to the left, what they mean to the right. */
function terms(entries: readonly (readonly [string, string])[]): string[] {
  const hang = INDENT + " ".repeat(TERM_WIDTH);
  return entries.flatMap(([term, meaning]) => {
    const [first = "", ...rest] = wrapped(meaning, WIDTH - hang.length).map((text) => hang + text);
    if (term.length >= TERM_WIDTH - 1) return [INDENT + term, first, ...rest];
    return [INDENT + term.padEnd(TERM_WIDTH) + first.slice(hang.length), ...rest];
  });
}

function paragraphs(text: string): string {
  const lines = text.split("\n").flatMap((line) => (line.startsWith(" ") ? [line] : wrapped(line, WIDTH)));
  return lines.join("\n");
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
