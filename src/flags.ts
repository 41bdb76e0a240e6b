/**
 * Flags of the command line. Each is described once, as data: its reader here, the help (`cli/help.ts`) and what shells complete
 * (`cli/completion.ts`) all come from that.
 */
import { parseArgs } from "node:util";
import { nearest } from "./models/nearest.ts";

/** A flag without `takes` and `choices` is a switch. */
export interface Flag {
  /** What its value is: "PORT". */
  readonly takes?: string;
  /** The only values that it may have, as far as help and shells say; whoever uses it refuses others. */
  readonly choices?: readonly string[];
  /** The value names one: shells complete it. */
  readonly names?: "file" | "folder";
  /** What it does, in half a sentence. */
  readonly says: string;
  /** Variables that say the same. The flag wins, then the first of them that is not empty. */
  readonly environment?: readonly string[];
  /** What holds where neither flag nor variable says anything. */
  readonly default?: string;
  /** The same for help alone, where what holds depends on more than this flag. */
  readonly otherwise?: string;
  readonly repeats?: true;
  /** Is read in order to be refused with a reason. */
  readonly isHidden?: true;
}

export type Flags = Readonly<Record<string, Flag>>;

/** What may have been said for a flag of which nothing more is known. */
export type AnyValue = string | boolean | readonly string[] | undefined;

type Value<F extends Flag> = Flag extends F
  ? AnyValue
  : F extends { readonly takes: string } | { readonly choices: readonly string[] }
    ? F extends { readonly repeats: true }
      ? readonly string[] | undefined
      : F extends { readonly default: string }
        ? string
        : string | undefined
    : boolean;

/** A flag that was not given is `undefined` or its default, a switch `false`. */
export type FlagValues<F extends Flags> = { readonly [name in keyof F]: Value<F[name]> };

/** What the user asked for cannot be done as asked: one line, exit code 1. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the arguments of a command. A flag that has a default takes what its variables say, too; a variable of any other is left to
 * whoever knows what it depends on.
 *
 * Throws `ConfigError` for what is no flag of it, and names the nearest one.
 */
export function readFlags<const F extends Flags>(
  command: string,
  flags: F,
  args: readonly string[],
  { environment = {}, takesNames = false }: { environment?: Environment; takesNames?: boolean } = {},
): { readonly values: FlagValues<F>; readonly names: readonly string[] } {
  const declared = Object.entries(flags).map(([name, flag]) => [
    name,
    { type: takesValue(flag) ? ("string" as const) : ("boolean" as const), multiple: flag.repeats ?? false },
  ]);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: takesNames,
      options: Object.fromEntries(declared) as Record<string, { type: "string" | "boolean"; multiple: boolean }>,
    });
    const all = Object.entries(flags).map(([name, flag]) => [name, values[name] ?? unsaid(flag, environment)]);
    return { values: Object.fromEntries(all) as FlagValues<F>, names: positionals };
  } catch (error) {
    throw new ConfigError(whatIsWrong(error as NodeJS.ErrnoException, command, flags));
  }
}

export function takesValue(flag: Flag): boolean {
  return flag.takes !== undefined || flag.choices !== undefined;
}

function unsaid(flag: Flag, environment: Environment): string | boolean | undefined {
  if (!takesValue(flag)) return false;
  if (flag.default === undefined) return undefined;
  return flag.environment?.map((name) => environment[name]).find((value) => value) ?? flag.default;
}

function whatIsWrong({ code, message }: NodeJS.ErrnoException, command: string, flags: Flags): string {
  const [, given] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION" || given === undefined) return message;
  const known = Object.keys(flags).filter((name) => !flags[name]?.isHidden);
  const meant = nearest(given.replace(/^-+/, ""), known);
  const hint = meant === undefined ? "" : `; did you mean --${meant}?`;
  return `${command} has no flag ${given}${hint} (trunkline ${command} --help)`;
}
