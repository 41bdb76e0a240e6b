/** `trunkline completion SHELL`: scripts made of the table of commands, so that they know what this version knows. */
import { ConfigError, type Flag, takesValue } from "../flags.ts";
import { commands, flagsOf } from "./commands.ts";
import { shown } from "./help.ts";

const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };

export async function completion(args: readonly string[]): Promise<number> {
  const [shell = "", ...more] = args;
  const script = Object.hasOwn(scripts, shell) && more.length === 0 ? scripts[shell] : undefined;
  if (script === undefined) throw new ConfigError("completion takes one shell: bash, zsh or fish");
  console.log(script());
  return 0;
}

/** A command with what may follow it. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly (readonly [string, Flag])[];
  readonly verbs: readonly string[];
  readonly takesFiles: boolean;
}

function completed(): Completed[] {
  return Object.entries(commands).map(([name, { summary, verbs = [], takesFiles = false }]) => ({
    name,
    summary,
    flags: [...Object.entries(shown(flagsOf(name))), ["help", { says: "how it is used" }] as const],
    verbs: name === "help" ? Object.keys(commands) : verbs,
    takesFiles,
  }));
}

/** It does without the package bash-completion, and runs on the bash 3.2 that macOS has. */
function bash(): string {
  const all = completed();
  const values = all.flatMap(({ name, flags }) =>
    flags.filter(([, flag]) => takesValue(flag)).map(([flag, it]) => `    "${name} --${flag}") ${bashValue(it)} ;;`),
  );
  const words = all.map(
    ({ name, flags, verbs, takesFiles }) =>
      `    ${name}) flags="${flags.map(([flag]) => `--${flag}`).join(" ")}" verbs="${verbs.join(" ")}" files=${takesFiles ? 1 : ""} ;;`,
  );
  return `# bash completion for trunkline: source <(trunkline completion bash)
_trunkline_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_trunkline_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
_trunkline() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" flags= verbs= files=
  COMPREPLY=()
  # --flag=value is three words to bash.
  if [ "$cur" = = ]; then cur=
  elif [ "$before" = = ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    _trunkline_words "${all.map(({ name }) => name).join(" ")} --help --version"
    return
  fi
  case "$command $before" in
${values.join("\n")}
  esac
  case "$command" in
${words.join("\n")}
  esac
  case "$cur" in
    -*) _trunkline_words "$flags" ;;
    *)
      if [ -n "$verbs" ] && [ "$COMP_CWORD" -eq 2 ]; then _trunkline_words "$verbs"
      elif [ -n "$files" ]; then _trunkline_files -f
      fi ;;
  esac
}
complete -F _trunkline trunkline`;
}

function bashValue({ choices, names }: Flag): string {
  if (choices) return `_trunkline_words "${choices.join(" ")}"; return`;
  return names === undefined ? "return" : `_trunkline_files ${names === "folder" ? "-d" : "-f"}; return`;
}

function zsh(): string {
  const all = completed();
  const values = all.flatMap(({ name, flags }) =>
    flags.filter(([, flag]) => takesValue(flag)).map(([flag, it]) => `    ("${name} --${flag}") ${zshValue(it)} ;;`),
  );
  const words = all.map(({ name, flags, verbs, takesFiles }) => {
    const described = flags.map(([flag, { says }]) => quoted(`--${flag}:${says}`)).join(" ");
    return `    (${name}) flags=(${described}) verbs=(${verbs.join(" ")}) files=${takesFiles ? 1 : '""'} ;;`;
  });
  return `#compdef trunkline
# zsh completion for trunkline: source <(trunkline completion zsh)
_trunkline() {
  local -a list flags verbs
  local files before="\${words[CURRENT-1]}"
  if (( CURRENT == 2 )) && [[ "\${words[2]}" == -* ]]; then
    compadd -- --help --version
    return
  elif (( CURRENT == 2 )); then
    list=(${all.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(" ")})
    _describe command list
    return
  fi
  if [[ "\${words[CURRENT]}" == --*=* ]]; then
    before="\${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  case "\${words[2]} $before" in
${values.join("\n")}
  esac
  case "\${words[2]}" in
${words.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe -o flag flags
  elif (( CURRENT == 3 && $#verbs )); then compadd -- $verbs
  elif [[ -n $files ]]; then _files
  fi
}
compdef _trunkline trunkline`;
}

function zshValue({ choices, names }: Flag): string {
  if (choices) return `compadd -- ${choices.join(" ")}; return`;
  return names === undefined ? "return" : `_files${names === "folder" ? " -/" : ""}; return`;
}

function fish(): string {
  const lines = completed().flatMap(({ name, summary, flags, verbs, takesFiles }) => {
    const after = `complete -c trunkline -n '__fish_seen_subcommand_from ${name}`;
    return [
      `complete -c trunkline -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
      ...flags.map(([flag, it]) => `${after}' -l ${flag}${fishValue(it)} -d ${fishQuoted(it.says)}`),
      ...(verbs.length > 0 ? [`${after}; and test (count (commandline -opc)) -eq 2' -a '${verbs.join(" ")}'`] : []),
      ...(takesFiles ? [`${after}' -F`] : []),
    ];
  });
  return [
    "# fish completion for trunkline: trunkline completion fish > ~/.config/fish/completions/trunkline.fish",
    "complete -c trunkline -f",
    "complete -c trunkline -n __fish_use_subcommand -l help -d 'print all commands'",
    "complete -c trunkline -n __fish_use_subcommand -l version -d 'print the version'",
    ...lines,
  ].join("\n");
}

function fishValue(flag: Flag): string {
  if (flag.choices) return ` -x -a '${flag.choices.join(" ")}'`;
  if (flag.names === "folder") return " -x -a '(__fish_complete_directories)'";
  if (flag.names === "file") return " -r -F";
  return takesValue(flag) ? " -x" : "";
}

/** As sh and zsh read it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
