import { START_FLAGS, version } from "../config.ts";

const TARGET_FLAGS = `
  --url URL              the server                       (TRUNKLINE_URL or AWS_ENDPOINT_URL, default http://127.0.0.1:4510)
  --region REGION        (AWS_REGION, default us-east-1)
  Keys are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default test, test).`;

const TAIL_FLAGS = `
  --from oldest|newest   where to begin                   (default newest)`;

const EXPLAIN_FLAGS = `
  --bus NAME             the bus of a rule that is named  (default default)
  --pattern FILE         an event pattern, in place of a rule
  --contact ID           which Connect rules looked at this contact, and why each was true of it or not
  --instance ID          of that contact, where there are several instances
  --trigger NAME         what an event trigger of Customer Profiles made of objects, and why
  --segment NAME         whether a profile belongs to a segment of Customer Profiles, and why
  --domain NAME          of that trigger or segment, where there are several domains
  --profile ID           the objects of this profile; with --segment this profile
  --object KEY           the object with this ProfileObjectUniqueKey
  --json                 print the server's answer as it is`;

const BACKTEST_FLAGS = `
  --since 7d|TIME        where to begin: so many m, h or d ago, or a time   (default 7d)
  --until TIME           where to end                     (default now)
  --instance ID          where there are several instances
  --trigger NAME         an event trigger of Customer Profiles, in place of a rule
  --domain NAME          of that trigger, or of one in a file, where there are several domains
  --matches N            how many matches to show with their reasons   (default 20)
  --json                 print the server's answer as it is, a JSON document a line`;

const IMPORT_FLAGS = `
  --domain NAME          the domain
  --type NAME            the object type of all objects of the file
  --format jsonl|csv     (default: as the file's name ends)
  --restart              begin at the first row, whatever an earlier import has done`;

const MAILBOX_FLAGS = `
  --limit N              how many mails to list, the youngest first   (default 100)
  --json                 print the server's answer as it is`;

const FLOWS_FLAGS = `
  --follow               of run: show how far the run is until it ends
  --json                 print the server's answer as it is`;

const APIS_FLAGS = `
  --json                 print the server's answer as it is`;

const ANALYZE_FLAGS = `
  --language CODE        of a transcript that does not say (default: as its words are, or else en-US)
  --redact PII|EntityType  put [PII], or [NAME] and the like, in place of personal data
  --json                 print the analysis file
  --svg FILE             write a picture of the conversation too`;

const SIMULATE_FLAGS = `
  --seed TEXT            everything that is left to chance comes from it   (default trunkline)
  --begin HH:MM          the time of day at which the play begins          (default 08:00)
  --hours N              how long contacts arrive                          (default 12)
  --speed N|max          simulated seconds a second; not 1 only for a server with --clock manual   (default max)
  --agents N             how many agents there are                         (default 20)
  --set NAME=VALUE       any other parameter (docs/simulator.md lists them); may be repeated
  --scenario FILE        a JSON object of parameters
  --instance ID          play in this instance (id or alias)
  --alias NAME           else in the one with this alias, made where there is none   (default simulated)
  --own-server           on a server of its own, in the same process, with a manual clock: a day of 200 agents takes a minute or two
  --data DIR             its data folder, to be looked at with trunkline start --data DIR   (default: keeps nothing)`;

/** What `--help` prints after the name of a command. */
const commands: Readonly<Record<string, string>> = {
  start: `Usage: trunkline start [FLAGS]

Runs the server until it is interrupted.
${START_FLAGS}`,

  tail: `Usage: trunkline tail STREAM-OR-BUS [FLAGS]

Prints the records of a stream, or the events of a bus, as they arrive: one JSON document a line, until it is interrupted. A name
that is both means the stream; event-bus/NAME always means the bus.
${TAIL_FLAGS}${TARGET_FLAGS}`,

  send: `Usage: trunkline send FILE [FLAGS]

Puts the events of a file ("-": of standard input) on their buses, as a service of AWS would: sources that begin with aws. are
allowed. Prints an event's id, or what is wrong with it, a line for each.

The file holds one event, an array of events, or one event a line. Both spellings are taken, that of PutEvents and that of a bus:

  {"Source": "aws.connect", "DetailType": "Amazon Connect Contact Event", "Detail": "{\\"eventType\\": \\"QUEUED\\"}"}
  {"source": "aws.connect", "detail-type": "Amazon Connect Contact Event", "detail": {"eventType": "QUEUED"}}

Optional: EventBusName (default: default), Time or time, Resources or resources.
${TARGET_FLAGS}`,

  explain: `Usage: trunkline explain RULE EVENT.json [FLAGS]
       trunkline explain --pattern PATTERN.json EVENT.json [FLAGS]
       trunkline explain --contact ID [RULE] [FLAGS]
       trunkline explain --trigger NAME [OBJECT.json] [FLAGS]
       trunkline explain --segment NAME --profile ID [FLAGS]

Says whether a rule matches an event, and why or why not: the first reason in one sentence, then each condition with a mark for met (✓)
or not (✗), the path, what was asked there and what was found. The event need not have been sent, and nothing runs.

RULE is a rule of EventBridge: NAME (on the default bus), BUS/NAME or its ARN. A file "-" is standard input. An event that
trunkline send would take is completed as PutEvents would complete it, unless it has an id; any other is taken as it is.

With --contact it says which Connect rules have looked at a contact, while it went on and afterwards, and what came of their actions. RULE is
the name, id or ARN of a Connect rule: only that one is told of, and one that was not published then is tried as it is now.

With --trigger it says what an event trigger made of a profile's objects or of one object, or would make of that in a file: whether it fired,
was capped, had expired or failed, and each condition. With none of them it tells of its last decisions.

With --segment it says whether a profile belongs to a segment now, and to each of those that it rests on.
${EXPLAIN_FLAGS}${TARGET_FLAGS}

Exit code: 0 for a match, 1 for none, 2 for trouble.`,

  backtest: `Usage: trunkline backtest RULE.json [FLAGS]
       trunkline backtest NAME [FLAGS]
       trunkline backtest TRIGGER.json [FLAGS]
       trunkline backtest --trigger NAME [FLAGS]

Says what a Connect rule would have matched in the last days, when and why, without doing anything: each match with its conditions and
what was found, and a histogram. A part of the time of which nothing is known is named.

RULE.json ("-": standard input) holds what CreateRule would be given; only TriggerEventSource, Function (its text or the object itself) and
PreEvaluationFilters matter. NAME is a rule of the instance, draft or published. Ctrl-C ends it, on the server too.

TRIGGER.json holds what CreateEventTrigger would be given: it is tried on the objects that were ingested, and counted for each profile as
its periods say.
${BACKTEST_FLAGS}${TARGET_FLAGS}`,

  import: `Usage: trunkline import FILE --domain NAME --type NAME [FLAGS]

Puts the objects of a file into a domain of Customer Profiles: a JSON object a line, or CSV whose first line names the members. Shows how far
it is, and each row that is refused with the reason. Interrupted, it goes on where it was: FILE.DOMAIN.TYPE.import says so until it is done.
${IMPORT_FLAGS}${TARGET_FLAGS}

Exit code: 0 if all objects were taken, 1 if some were refused.`,

  mailbox: `Usage: trunkline mailbox [list] [FLAGS]
       trunkline mailbox show ID [FLAGS]

Lists the mails that Connect rules have sent (SEND_NOTIFICATION), or shows one. They are kept for 7 days. A server that was started with
--smtp-server sends them there instead.
${MAILBOX_FLAGS}${TARGET_FLAGS}`,

  flows: `Usage: trunkline flows [list] [FLAGS]
       trunkline flows show NAME [FLAGS]
       trunkline flows run NAME [--follow] [FLAGS]

Lists the flows that bring records of other applications into Customer Profiles, shows one with its runs, or has one run now.
${FLOWS_FLAGS}${TARGET_FLAGS}

Exit code of run --follow: 0 if the run was successful, 1 if not.`,

  apis: `Usage: trunkline apis [FLAGS]

Lists the stages of the account's REST and HTTP APIs: where they are called, their routes, and what answers them.
${APIS_FLAGS}${TARGET_FLAGS}`,

  analyze: `Usage: trunkline analyze TRANSCRIPT [FLAGS]

Prints what Contact Lens makes of a conversation: who spoke when, the sentiment of every turn, scores, silences, interruptions,
response times, issues, outcomes and action items. Needs no server.

TRANSCRIPT is an analysis file of Contact Lens (call or chat), WebVTT with a speaker in each cue, or JSON; "-" is standard input:

  {"channel": "VOICE", "turns": [{"speaker": "CUSTOMER", "text": "My bill is wrong.", "beginMs": 0, "endMs": 1400}]}
  {"channel": "CHAT", "turns": [{"speaker": "CUSTOMER", "text": "Hello?", "at": "2026-03-03T10:15:00Z"}]}
${ANALYZE_FLAGS}

Sentiment, issues, outcomes and action items are found in English; personal data in English, French, German, Italian, Portuguese and
Spanish.`,

  simulate: `Usage: trunkline simulate [FLAGS]

Plays a contact centre from a seed: callers, agents with shifts and breaks, calls, chats, tasks and e-mails, transfers, callbacks, and
what is said. Makes an instance with all that it needs, and prints half hour by half hour what it was like. Ctrl-C ends it, with the
summary so far. With --own-server, or a server that was started with --clock manual, a day takes minutes; else it plays in real time.
${SIMULATE_FLAGS}${TARGET_FLAGS}`,

  operations: `Usage: trunkline operations [SERVICE]

Lists the API operations that are built, of one service or of all.`,

  credentials: `Usage: trunkline credentials add [KEY SECRET] [--account ACCOUNT]
       trunkline credentials list
       trunkline credentials remove KEY

Adds, lists or removes access keys; a running server sees the change. Without KEY and SECRET both are made up and printed.

  --account ACCOUNT      whose key it is: 12 digits       (default 000000000000)
  --credentials FILE     the file of keys                 (TRUNKLINE_CREDENTIALS, default: credentials in the data folder)
  --data DIR             the data folder                  (TRUNKLINE_DATA, default ./.trunkline)`,
};

/** The help of one command; of all, where there is none of that name. */
export function help(command: string | undefined): string {
  return command !== undefined && Object.hasOwn(commands, command) ? String(commands[command]) : overview();
}

function overview(): string {
  return `Trunkline ${version()}: a contact-centre event platform that speaks Amazon Connect's APIs.

Usage: trunkline COMMAND [FLAGS]

  start                  run the server
  tail STREAM-OR-BUS     print records or events as they arrive
  send FILE              put events on a bus ("-" reads standard input); sources of aws. are allowed
  explain RULE FILE      why a rule matches an event, or does not
  backtest RULE          what a Connect rule would have matched in the last days
  import FILE            put the objects of a file into a domain of Customer Profiles
  flows                  what brings records of other applications into Customer Profiles, and how far it is
  apis                   where the stages of APIs are called, and what answers there
  mailbox                the mails that rules have sent
  simulate               play a contact centre: callers, agents, and what they leave behind
  analyze TRANSCRIPT     what Contact Lens makes of a conversation
  operations             list the API operations that are built
  credentials            add, list or remove access keys
  version                print the version
  help                   print this; trunkline COMMAND --help says more of one

Flags of start:${START_FLAGS}

Flags of tail, send, explain, backtest, import, flows, apis, mailbox and simulate:${TARGET_FLAGS}

Flags of tail:${TAIL_FLAGS}

Flags of explain:${EXPLAIN_FLAGS}

Flags of backtest:${BACKTEST_FLAGS}

Flags of import:${IMPORT_FLAGS}

Flags of flows:${FLOWS_FLAGS}

Flags of apis:${APIS_FLAGS}

Flags of mailbox:${MAILBOX_FLAGS}

Flags of simulate:${SIMULATE_FLAGS}

Flags of analyze:${ANALYZE_FLAGS}

Credentials: trunkline credentials add [KEY SECRET] --account ACCOUNT | list | remove KEY   [--credentials FILE | --data DIR]`;
}
