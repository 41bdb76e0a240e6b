/**
 * Every command as its users know it: what it does, its flags, what it answers with. Help, completion and the reading of flags all
 * come from this table; what runs is in `index.ts`.
 */
import { START_FLAGS, START_VARIABLES } from "../config.ts";
import type { Flags } from "../flags.ts";

export interface Command {
  /** One line, for the list of all commands. */
  readonly summary: string;
  /** What stands after its name, one for each way to call it. */
  readonly usage: readonly string[];
  /** Paragraphs. Lines that are indented stay as they are. */
  readonly description: string;
  readonly flags: Flags;
  /** It talks to a running server, and takes the flags that say which. */
  readonly asksServer?: true;
  /** Words of its own that come first, such as `list`. */
  readonly verbs?: readonly string[];
  /** Its arguments name files, for completion. */
  readonly takesFiles?: true;
  /** Variables that it reads and that are no flag's. */
  readonly variables?: Readonly<Record<string, string>>;
  /** By number; where there are none, those that all commands have. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /** Command lines without `trunkline`, and what they do. */
  readonly examples: Readonly<Record<string, string>>;
  /** Other commands and guides. */
  readonly seeAlso: readonly string[];
}

export const SERVER_FLAGS: Flags = {
  url: {
    takes: "URL",
    says: "the server",
    environment: ["TRUNKLINE_URL", "AWS_ENDPOINT_URL"],
    default: "http://127.0.0.1:4510",
  },
  region: {
    takes: "REGION",
    says: "the AWS Region to ask in",
    environment: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    default: "us-east-1",
  },
};

export const SERVER_VARIABLES: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "the access key to sign with (default test)",
  AWS_SECRET_ACCESS_KEY: "its secret (default test)",
  AWS_SESSION_TOKEN: "its session token, where it has one",
};

export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: "it is done",
  1: "it cannot be done; one line on standard error says why",
  2: "there is no such command",
};

const JSON_FLAG = { says: "print the server's answer as it is" };

export const commands: Readonly<Record<string, Command>> = {
  start: {
    summary: "run the server",
    usage: ["[FLAGS]"],
    description: `Runs the server until it is interrupted. SIGTERM and SIGINT end it once what is in flight is finished; a second one ends it at once.

One port takes HTTP/1.1 and HTTP/2 without TLS. On a loopback address the access key test with the secret test is there while no other is configured; on an address that others can reach a start without keys is refused.`,
    flags: START_FLAGS,
    variables: START_VARIABLES,
    examples: {
      start: "serve on http://127.0.0.1:4510 and keep everything in ./.trunkline",
      "start --data :memory: --clock manual --port 0": "for a test: keeps nothing, and time moves when it is told to",
      "start --enforce-limits --limit events.rules-per-bus=1000":
        "with the quotas of the real service, one of them raised",
    },
    seeAlso: ["credentials", "doctor", "backup", "docs/install.md", "docs/operate.md", "docs/limits.md"],
  },
  apply: {
    summary: "make on a running server what an init file says",
    usage: ["FILE [FLAGS]"],
    description: `Brings a running server to what a file says, JSON or YAML: what is missing is created, what differs is changed, what is the same or not in the file is left alone. Prints a line for each thing that it does. trunkline start --init FILE does the same before the server is ready.

What is wrong with the file, and what the server refuses, is told with its line and column, and with what was done before. Apply the mended file again: it goes on from there.`,
    flags: { "dry-run": { says: "only say what would be done" } },
    asksServer: true,
    takesFiles: true,
    examples: {
      "apply centre.yaml": "an instance with its queues, flows and users",
      "apply centre.yaml --dry-run": "what that would change",
    },
    seeAlso: ["start", "docs/init.md"],
  },
  export: {
    summary: "write what a running server has as an init file",
    usage: ["[FLAGS]"],
    description: `Writes what a running server has in a Region as a file that trunkline apply and start --init take: ids replaced by names, contents of flows and code of functions as files beside it. Without --file it is printed, with contents in it and without code.

What nothing reads back, such as passwords, is not in it.`,
    flags: {
      file: { takes: "FILE", names: "file", says: "where to write it", otherwise: "standard output" },
      format: { choices: ["json", "yaml"], says: "how to write it", otherwise: "as the file's name ends, or yaml" },
    },
    asksServer: true,
    examples: { "export --file centre/centre.yaml": "into a folder of its own" },
    seeAlso: ["apply", "start", "docs/init.md"],
  },
  tail: {
    summary: "print records of a stream or events of a bus as they arrive",
    usage: ["STREAM-OR-BUS [FLAGS]"],
    description:
      "Prints the records of a stream, or the events of a bus, as they arrive: one JSON document a line, until it is interrupted. A name that is both means the stream; event-bus/NAME always means the bus.",
    flags: { from: { choices: ["oldest", "newest"], says: "where to begin", default: "newest" } },
    asksServer: true,
    examples: {
      "tail calls --from oldest": "all that the stream calls holds, and what comes",
      "tail event-bus/default": "events of the default bus",
    },
    seeAlso: ["send", "explain"],
  },
  send: {
    summary: "put events on a bus; sources of aws. are allowed",
    usage: ["FILE [FLAGS]"],
    description: `Puts the events of a file ("-": of standard input) on their buses, as a service of AWS would: sources that begin with aws. are allowed. Prints an event's id, or what is wrong with it, a line for each.

The file holds one event, an array of events, or one event a line. Both spellings are taken, that of PutEvents and that of a bus:

  {"Source": "aws.connect", "DetailType": "Amazon Connect Contact Event", "Detail": "{\\"eventType\\": \\"QUEUED\\"}"}
  {"source": "aws.connect", "detail-type": "Amazon Connect Contact Event", "detail": {"eventType": "QUEUED"}}

Optional: EventBusName (default: default), Time or time, Resources or resources.`,
    flags: {},
    asksServer: true,
    takesFiles: true,
    exitCodes: { 0: "all events were taken", 1: "some were refused, or it cannot be done" },
    examples: {
      "send event.json": "put what the file holds",
      "send - < events.jsonl": "the same, of standard input",
    },
    seeAlso: ["tail", "explain", "docs/eventbridge.md"],
  },
  explain: {
    summary: "why a rule, trigger or segment matches, or does not",
    usage: [
      "RULE EVENT.json [FLAGS]",
      "--pattern PATTERN.json EVENT.json [FLAGS]",
      "--contact ID [RULE] [FLAGS]",
      "--trigger NAME [OBJECT.json] [FLAGS]",
      "--segment NAME --profile ID [FLAGS]",
    ],
    description: `Says whether a rule matches an event, and why or why not: the first reason in one sentence, then each condition with a mark for met (✓) or not (✗), the path, what was asked there and what was found. The event need not have been sent, and nothing runs.

RULE is a rule of EventBridge: NAME (on the default bus), BUS/NAME or its ARN. A file "-" is standard input. An event that trunkline send would take is completed as PutEvents would complete it, unless it has an id; any other is taken as it is.

With --contact it says which Connect rules have looked at a contact, while it went on and afterwards, and what came of their actions. RULE is the name, id or ARN of a Connect rule: only that one is told of, and one that was not published then is tried as it is now.

With --trigger it says what an event trigger made of a profile's objects or of one object, or would make of that in a file: whether it fired, was capped, had expired or failed, and each condition. With none of them it tells of the last that it looked at.

With --segment it says whether a profile belongs to a segment now, and to each of those that it rests on.`,
    flags: {
      bus: { takes: "NAME", says: "the bus of a rule that is named", otherwise: "default" },
      pattern: { takes: "FILE", names: "file", says: "an event pattern, in place of a rule" },
      contact: {
        takes: "ID",
        says: "which Connect rules looked at this contact, and why each was true of it or not",
      },
      instance: { takes: "ID", says: "of that contact, where there are several instances" },
      trigger: {
        takes: "NAME",
        says: "what an event trigger of Customer Profiles made of objects, and why",
      },
      segment: {
        takes: "NAME",
        says: "whether a profile belongs to a segment of Customer Profiles, and why",
      },
      domain: { takes: "NAME", says: "of that trigger or segment, where there are several domains" },
      profile: { takes: "ID", says: "the objects of this profile; with --segment this profile" },
      object: { takes: "KEY", says: "the object with this ProfileObjectUniqueKey" },
      json: JSON_FLAG,
    },
    asksServer: true,
    takesFiles: true,
    exitCodes: { 0: "a match", 1: "none", 2: "it cannot be said; one line on standard error says why" },
    examples: {
      "explain connected event.json": "a rule of the default bus",
      "explain --pattern pattern.json event.json": "a pattern that is no rule yet",
      "explain --contact 5f0c…": "the Connect rules that looked at a contact",
    },
    seeAlso: ["backtest", "docs/rules.md", "docs/event-triggers.md", "docs/segments.md"],
  },
  backtest: {
    summary: "what a Connect rule or event trigger would have matched in the last days",
    usage: ["RULE.json [FLAGS]", "NAME [FLAGS]", "TRIGGER.json [FLAGS]", "--trigger NAME [FLAGS]"],
    description: `Says what a Connect rule would have matched in the last days, when and why, without doing anything: each match with its conditions and what was found, and a histogram. A part of the time of which nothing is known is named.

RULE.json ("-": standard input) holds what CreateRule would be given; only TriggerEventSource, Function (its text or the object itself) and PreEvaluationFilters matter. NAME is a rule of the instance, draft or published. Ctrl-C ends it, on the server too.

TRIGGER.json holds what CreateEventTrigger would be given: it is tried on the objects that were ingested, and counted for each profile as its periods say.`,
    flags: {
      since: { takes: "7d|TIME", says: "where to begin: so many m, h or d ago, or a time", default: "7d" },
      until: { takes: "TIME", says: "where to end", otherwise: "now" },
      instance: { takes: "ID", says: "where there are several instances" },
      trigger: { takes: "NAME", says: "an event trigger of Customer Profiles, in place of a rule" },
      domain: { takes: "NAME", says: "of that trigger, or of one in a file, where there are several domains" },
      matches: { takes: "N", says: "how many matches to show with their reasons", default: "20" },
      json: { says: "print the server's answer as it is, a JSON document a line" },
    },
    asksServer: true,
    takesFiles: true,
    examples: {
      "backtest rule.json --since 2d": "a rule that is not created yet",
      "backtest --trigger basket-left --domain shop": "an event trigger that is there",
    },
    seeAlso: ["explain", "docs/rules.md", "docs/event-triggers.md"],
  },
  import: {
    summary: "put the objects of a file into a domain of Customer Profiles",
    usage: ["FILE --domain NAME --type NAME [FLAGS]"],
    description:
      "Puts the objects of a file into a domain of Customer Profiles: a JSON object a line, or CSV whose first line names the members. Shows how far it is, and each row that is refused with the reason. Interrupted, it goes on where it was: FILE.DOMAIN.TYPE.import says so until it is done.",
    flags: {
      domain: { takes: "NAME", says: "the domain" },
      type: { takes: "NAME", says: "the object type of all objects of the file" },
      format: { choices: ["jsonl", "csv"], says: "how the file is written", otherwise: "as its name ends" },
      restart: { says: "begin at the first row, whatever an earlier import has done" },
    },
    asksServer: true,
    takesFiles: true,
    exitCodes: { 0: "all objects were taken", 1: "some were refused, or it cannot be done" },
    examples: { "import users.csv --domain shop --type Zendesk-users": "the rows of a table" },
    seeAlso: ["flows", "docs/customer-profiles.md"],
  },
  backup: {
    summary: "copy all that a running server keeps into a new folder",
    usage: ["--to DIR [FLAGS]"],
    description: `Copies the data folder of a running server, as it is at this moment, into a new folder: all that was acknowledged before is in it, and files fit what the store says of them. The server goes on meanwhile. The copy is looked at, and a manifest with the SHA-256 of each file is written, before the folder gets its name; Ctrl-C ends it, and nothing is left.

DIR is a folder on the server's machine, new or empty. The keys must be those of the operator's account, the first of the credentials file. A server that keeps nothing (--data :memory:) has nothing to copy.

The folder holds secrets: keys, and what opens the secrets of connections.`,
    flags: {
      to: { takes: "DIR", names: "folder", says: "the folder to make" },
      json: { says: "print what the server tells of it as it is, a JSON document a line" },
    },
    asksServer: true,
    examples: { "backup --to /backups/trunkline-monday": "copy what the server on this machine keeps" },
    seeAlso: ["restore", "docs/operate.md"],
  },
  restore: {
    summary: "make a data folder of a backup",
    usage: ["--from DIR [--data DIR]"],
    description:
      "Makes a data folder of what trunkline backup has written, into a folder that is not there yet or is empty. Each file is held against the manifest; nothing is left of what does not fit. Needs no server: trunkline start goes on from there.",
    flags: {
      from: { takes: "DIR", names: "folder", says: "the backup" },
      data: {
        takes: "DIR",
        names: "folder",
        says: "the data folder to make",
        environment: ["TRUNKLINE_DATA"],
        default: ".trunkline",
      },
    },
    examples: { "restore --from /backups/trunkline-monday --data /var/lib/trunkline": "go back to Monday" },
    seeAlso: ["backup", "start", "docs/operate.md"],
  },
  doctor: {
    summary: "what a server needs, and whether it has it",
    usage: ["[FLAGS]"],
    description:
      "Looks at all that a server with these flags needs, whether one runs or not: versions, port, data folder, disk, clock, keys, certificate, memory, limits, names. Each line says ok, warn or fail, and what to do. Takes the flags and variables of trunkline start, and changes nothing.",
    flags: {
      ...START_FLAGS,
      deep: { says: "read the whole database and look at every page; takes its time" },
      json: { says: "print what was found as JSON" },
    },
    variables: START_VARIABLES,
    exitCodes: { 0: "nothing stands in the way", 1: "something would not work" },
    examples: {
      doctor: "before the first start",
      "doctor --data /var/lib/trunkline --deep": "a data folder, to its last page",
    },
    seeAlso: ["start", "docs/operate.md"],
  },
  flows: {
    summary: "what brings records of other applications into Customer Profiles, and how far it is",
    usage: ["[list] [FLAGS]", "show NAME [FLAGS]", "run NAME [--follow] [FLAGS]"],
    description:
      "Lists the flows that bring records of other applications into Customer Profiles, shows one with its runs, or has one run now.",
    flags: {
      follow: { says: "of run: show how far the run is until it ends" },
      json: JSON_FLAG,
    },
    asksServer: true,
    verbs: ["list", "show", "run"],
    exitCodes: { 0: "it is done; of run --follow: the run was successful", 1: "it cannot be done, or the run failed" },
    examples: { "flows run nightly --follow": "have a flow run now, and watch" },
    seeAlso: ["import", "docs/flows.md", "docs/connectors.md"],
  },
  apis: {
    summary: "where the stages of APIs are called, and what answers there",
    usage: ["[FLAGS]"],
    description:
      "Lists the stages of the account's REST and HTTP APIs: where they are called, their routes, and what answers them.",
    flags: { json: JSON_FLAG },
    asksServer: true,
    examples: { apis: "all of them" },
    seeAlso: ["docs/api-gateway.md", "docs/api-gateway-calls.md"],
  },
  mailbox: {
    summary: "the mails that rules have sent",
    usage: ["[list] [FLAGS]", "show ID [FLAGS]"],
    description:
      "Lists the mails that Connect rules have sent (SEND_NOTIFICATION), or shows one. They are kept for 7 days. A server that was started with --smtp-server sends them there instead.",
    flags: {
      limit: { takes: "N", says: "how many mails to list, the youngest first", default: "100" },
      json: JSON_FLAG,
    },
    asksServer: true,
    verbs: ["list", "show"],
    examples: { "mailbox list --limit 5": "the last five" },
    seeAlso: ["start", "docs/rules.md"],
  },
  simulate: {
    summary: "play a contact centre: callers, agents, and what they leave behind",
    usage: ["[FLAGS]"],
    description:
      "Plays a contact centre from a seed: callers, agents with shifts and breaks, calls, chats, tasks and e-mails, transfers, callbacks, and what is said. Makes an instance with all that it needs, and prints half hour by half hour what it was like. Ctrl-C ends it, with the summary so far. With --own-server, or a server that was started with --clock manual, a day takes minutes; else it plays in real time.",
    flags: {
      seed: { takes: "TEXT", says: "everything that is left to chance comes from it", default: "trunkline" },
      begin: { takes: "HH:MM", says: "the time of day at which the play begins", default: "08:00" },
      hours: { takes: "N", says: "how long contacts arrive", default: "12" },
      speed: {
        takes: "N|max",
        says: "simulated seconds a second; not 1 only for a server with --clock manual",
        default: "max",
      },
      agents: { takes: "N", says: "how many agents there are", otherwise: "20" },
      set: { takes: "NAME=VALUE", says: "any other parameter (docs/simulator.md lists them)", repeats: true },
      scenario: { takes: "FILE", names: "file", says: "a JSON object of parameters" },
      instance: { takes: "ID", says: "play in this instance (id or alias)" },
      alias: { takes: "NAME", says: "else in the one with this alias, made where there is none", default: "simulated" },
      "own-server": {
        says: "on a server of its own, in the same process, with a manual clock: a day of 200 agents takes a minute or two",
      },
      data: {
        takes: "DIR",
        names: "folder",
        says: "its data folder, to be looked at with trunkline start --data DIR",
        otherwise: "keeps nothing",
      },
    },
    asksServer: true,
    examples: {
      "simulate --agents 5 --begin 09:00 --hours 1": "an hour of a small centre",
      "simulate --own-server --data day": "a day, to be looked at afterwards",
    },
    seeAlso: ["tail", "docs/simulator.md"],
  },
  analyze: {
    summary: "what Contact Lens makes of a conversation",
    usage: ["TRANSCRIPT [FLAGS]"],
    description: `Prints what Contact Lens makes of a conversation: who spoke when, the sentiment of every turn, scores, silences, interruptions, response times, issues, outcomes and action items. Needs no server.

TRANSCRIPT is an analysis file of Contact Lens (call or chat), WebVTT with a speaker in each cue, or JSON; "-" is standard input:

  {"channel": "VOICE", "turns": [{"speaker": "CUSTOMER", "text": "My bill is wrong.", "beginMs": 0, "endMs": 1400}]}
  {"channel": "CHAT", "turns": [{"speaker": "CUSTOMER", "text": "Hello?", "at": "2026-03-03T10:15:00Z"}]}

Sentiment, issues, outcomes and action items are found in English; personal data in English, French, German, Italian, Portuguese and Spanish.`,
    flags: {
      language: {
        takes: "CODE",
        says: "of a transcript that does not say",
        otherwise: "as its words are, or else en-US",
      },
      redact: {
        choices: ["PII", "EntityType"],
        says: "put [PII], or [NAME] and the like, in place of personal data",
      },
      json: { says: "print the analysis file" },
      svg: { takes: "FILE", names: "file", says: "write a picture of the conversation too" },
    },
    takesFiles: true,
    examples: { "analyze call.vtt --redact PII": "a call, without personal data" },
    seeAlso: ["docs/contact-lens.md"],
  },
  operations: {
    summary: "list the API operations that are built",
    usage: ["[SERVICE]"],
    description: "Lists the API operations that are built, of one service or of all. Needs no server.",
    flags: {},
    examples: { "operations customer-profiles": "those of Customer Profiles" },
    seeAlso: ["docs/where-sources-are-silent.md"],
  },
  credentials: {
    summary: "add, list or remove access keys",
    usage: ["add [KEY SECRET] [--account ACCOUNT]", "list", "remove KEY"],
    description:
      "Adds, lists or removes access keys; a running server sees the change. Without KEY and SECRET both are made up and printed.",
    flags: {
      account: { takes: "ACCOUNT", says: "whose key it is: 12 digits", default: "000000000000" },
      credentials: {
        takes: "FILE",
        names: "file",
        says: "the file of keys",
        environment: ["TRUNKLINE_CREDENTIALS"],
        otherwise: "credentials in the data folder",
      },
      data: {
        takes: "DIR",
        names: "folder",
        says: "the data folder",
        environment: ["TRUNKLINE_DATA"],
        default: ".trunkline",
      },
    },
    verbs: ["add", "list", "remove"],
    examples: { "credentials add --account 111122223333": "a key for an account of its own" },
    seeAlso: ["start", "docs/iam.md"],
  },
  completion: {
    summary: "print what makes a shell complete commands and flags",
    usage: ["bash|zsh|fish"],
    description: `Prints a script that makes your shell complete commands, flags and their values. Load it where your shell starts:

  bash   source <(trunkline completion bash)                                in ~/.bashrc
  zsh    source <(trunkline completion zsh)                                 in ~/.zshrc, after compinit
  fish   trunkline completion fish > ~/.config/fish/completions/trunkline.fish`,
    flags: {},
    verbs: ["bash", "zsh", "fish"],
    examples: { "completion bash": "the script for bash" },
    seeAlso: ["docs/install.md"],
  },
  version: {
    summary: "print the version",
    usage: [""],
    description: "Prints the version, as trunkline --version does.",
    flags: {},
    examples: { version: "the version of this package" },
    seeAlso: ["docs/upgrading.md"],
  },
  help: {
    summary: "print all commands, or how one is used",
    usage: ["[COMMAND]"],
    description: "Prints all commands, or what trunkline COMMAND --help prints.",
    flags: {},
    examples: { "help explain": "how explain is used" },
    seeAlso: ["README.md"],
  },
};

/** All flags that a command takes. */
export function flagsOf(command: string): Flags {
  const { flags = {}, asksServer = false } = commands[command] ?? {};
  return asksServer ? { ...flags, ...SERVER_FLAGS } : flags;
}
