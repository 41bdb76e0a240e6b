import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Outdated, useEdit } from "../parts/edit.tsx";
import { ActionButton, ChoiceField, ConfirmButton, TextField } from "../parts/form.tsx";
import { shapeNamed } from "../parts/json-editor/shapes.ts";
import {
  formatJson,
  JsonEditor,
  type Problem,
  parseJson,
  type Shapes,
  useOperationShapes,
} from "../parts/json-editor.tsx";
import { Failure, NotSaved } from "../parts/notes.tsx";
import { Id, PageHead } from "../parts/page.tsx";
import { useLoaded } from "../query.ts";
import { failedFrom, useRates } from "../rates.ts";
import { go, href, route } from "../route.ts";
import { call, region, ServerError } from "../server.ts";
import {
  type Explained,
  explainPattern,
  FailedDeliveries,
  NEW_RULE,
  PatternVerdict,
  RuleState,
  wentTo,
} from "./bus-rules.tsx";
import { EVENT_PATTERN } from "./event-pattern.ts";
import "./bus-rules.css";

interface Rule {
  readonly Name: string;
  readonly Arn: string;
  readonly State: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly ManagedBy?: string;
}

interface Target {
  readonly Id: string;
  readonly Arn: string;
}

interface Stored {
  readonly rule: Rule;
  readonly targets: readonly Target[];
}

type Kind = "pattern" | "schedule" | "both";

/** A rule as it is written here: texts stay as they were typed. */
interface Draft {
  readonly name: string;
  readonly kind: Kind;
  readonly pattern: string;
  readonly schedule: string;
  readonly description: string;
  readonly roleArn: string;
  /** `{"Targets": […]}`. */
  readonly targets: string;
}

const NEW: Draft = {
  name: "",
  kind: "pattern",
  pattern: '{\n  "source": ["shop.orders"]\n}',
  schedule: "rate(5 minutes)",
  description: "",
  roleArn: "",
  targets: '{\n  "Targets": []\n}',
};

const SAMPLE = '{\n  "source": "shop.orders",\n  "detail-type": "Order Placed",\n  "detail": {}\n}';

/** One rule of an event bus: its pattern or schedule, its targets, and an event to try it on. */
export function BusRulePage(): JSX.Element {
  const [, bus = "", name = ""] = route.value.path;
  const isNew = name === NEW_RULE;
  const stored = useLoaded(
    isNew ? undefined : `${bus} ${name} ${region.value}`,
    (signal) => readRule(bus, name, signal),
    // Others may change it while one writes.
    { everyMs: 5000 },
  );
  const saved = stored.value && draftOf(stored.value);
  const edit = useEdit(
    `bus-rule ${region.value} ${bus} ${name}`,
    isNew ? NEW : saved,
    stored.value && JSON.stringify(saved),
  );
  const { draft, isChanged } = edit;
  const { value: rates } = useRates();
  const rule = stored.value?.rule;
  return (
    <>
      <PageHead
        title={isNew ? "New rule" : name}
        crumbs={[
          { title: "Event buses", to: href(["buses"]) },
          { title: bus, to: href(["buses", bus]) },
        ]}
      >
        {rule && !rule.ManagedBy && (
          <>
            <ActionButton
              act={async () => {
                const isOff = rule.State === "DISABLED";
                await call("events", isOff ? "EnableRule" : "DisableRule", { EventBusName: bus, Name: name });
                stored.reload();
                return isOff ? "Enabled" : "Disabled";
              }}
            >
              {rule.State === "DISABLED" ? "Enable" : "Disable"}
            </ActionButton>
            <ConfirmButton
              question={`${name} is deleted with its ${stored.value?.targets.length ?? 0} targets. Events reach them no more.`}
              confirm="Delete"
              act={async () => {
                await removeTargets(
                  bus,
                  name,
                  (stored.value?.targets ?? []).map(({ Id: id }) => id),
                );
                await call("events", "DeleteRule", { EventBusName: bus, Name: name });
                edit.discard();
                go(href(["buses", bus]));
              }}
            >
              Delete …
            </ConfirmButton>
          </>
        )}
      </PageHead>
      <Failure error={stored.error} />
      {rule && (
        <p class="faint">
          <RuleState state={rule.State} /> <Id id={rule.Arn} isWhole />
          {rule.ManagedBy && ` ${rule.ManagedBy} made this rule for itself: it cannot be changed here.`}
          {rates && (
            <>
              {" "}
              · matched {wentTo(rates, rule.Arn).toLocaleString()}, failed{" "}
              <FailedDeliveries arn={rule.Arn} count={failedFrom(rates, rule.Arn)} /> since the server started ·{" "}
              <a href={href(["deliveries"], { tab: "attempts", rule: rule.Arn })}>its deliveries</a>
            </>
          )}
        </p>
      )}
      {isChanged && !edit.isOutdated && <NotSaved discard={edit.discard} />}
      <Outdated edit={edit} stored={stored.value} />
      {draft && (
        <Form
          key={`${bus} ${name}`}
          bus={bus}
          rule={stored.value}
          draft={draft}
          isChanged={isChanged}
          onDraft={edit.write}
          check={async () => {
            const now = JSON.stringify(draftOf(await readRule(bus, name)));
            if (now !== JSON.stringify(saved)) stored.reload();
            edit.check(now);
          }}
          onSaved={(created) => {
            edit.discard();
            if (created === undefined) stored.reload();
            else go(href(["buses", bus, created]));
          }}
        />
      )}
    </>
  );
}

/** PutRule would change it without a word. */
async function isThere(bus: string, name: string): Promise<boolean> {
  try {
    await call("events", "DescribeRule", { EventBusName: bus, Name: name });
    return true;
  } catch (error) {
    if (error instanceof ServerError && error.code === "ResourceNotFoundException") return false;
    throw error;
  }
}

async function readRule(bus: string, name: string, signal?: AbortSignal): Promise<Stored> {
  const [rule, { Targets = [] }] = await Promise.all([
    call<Rule>("events", "DescribeRule", { EventBusName: bus, Name: name }, signal),
    call<{ Targets?: readonly Target[] }>("events", "ListTargetsByRule", { EventBusName: bus, Rule: name }, signal),
  ]);
  return { rule, targets: Targets };
}

function draftOf({ rule, targets }: Stored): Draft {
  const { EventPattern: pattern, ScheduleExpression: schedule } = rule;
  const parsed = pattern === undefined ? undefined : parseJson(pattern);
  return {
    ...NEW,
    name: rule.Name,
    kind: pattern === undefined ? "schedule" : schedule === undefined ? "pattern" : "both",
    pattern: parsed && "value" in parsed ? formatJson(parsed.value) : (pattern ?? NEW.pattern),
    schedule: schedule ?? NEW.schedule,
    description: rule.Description ?? "",
    roleArn: rule.RoleArn ?? "",
    targets: formatJson({ Targets: targets }),
  };
}

const NONE: readonly Problem[] = [];

function Form({
  bus,
  rule,
  draft,
  isChanged,
  onDraft,
  check,
  onSaved,
}: {
  readonly bus: string;
  readonly rule: Stored | undefined;
  readonly draft: Draft;
  readonly isChanged: boolean;
  onDraft(draft: Draft): void;
  /** Throws where somebody else has saved the rule meanwhile. */
  check(): Promise<void>;
  onSaved(created: string | undefined): void;
}): JSX.Element {
  const patternProblems = useSignal<readonly Problem[]>(NONE);
  const targetProblems = useSignal<readonly Problem[]>(NONE);
  const event = useSignal(SAMPLE);
  const explained = useSignal<Explained | undefined>(undefined);
  const putTargets = useOperationShapes({ model: "events", operation: "PutTargets" });
  const asksPattern = draft.kind !== "schedule";
  const isManaged = rule?.rule.ManagedBy !== undefined;
  const change = (changes: Partial<Draft>): void => {
    patternProblems.value = NONE;
    targetProblems.value = NONE;
    onDraft({ ...draft, ...changes });
  };
  const save = async (): Promise<string> => {
    const targets = targetsOf(draft.targets);
    if (asksPattern) await telling(patternProblems, () => checkPattern(draft.pattern));
    const isNew = rule === undefined;
    if (!isNew) await check();
    else if (await isThere(bus, draft.name)) {
      throw new Error(
        `A rule named ${draft.name} is there already, and is changed on its own page. Nothing was saved.`,
      );
    }
    if (!isNew) await telling(targetProblems, () => put(bus, draft.name, targets));
    await telling(patternProblems, () => putRule(bus, draft, rule?.rule.State));
    if (isNew) await telling(targetProblems, () => putOrTakeBack(bus, draft.name, targets));
    const kept = new Set(targets.map(({ Id: id }) => id));
    await removeTargets(
      bus,
      draft.name,
      (rule?.targets ?? []).map(({ Id: id }) => id).filter((id) => !kept.has(id)),
    );
    onSaved(isNew ? draft.name : undefined);
    return "Saved";
  };
  return (
    <div class="form bus-rule">
      <div class="rule-head">
        {!rule && <TextField label="Name" value={draft.name} onText={(name) => change({ name })} />}
        <ChoiceField
          label="Runs"
          value={draft.kind}
          choices={[
            ["pattern", "for events that match a pattern"],
            ["schedule", "on a schedule"],
            ["both", "for both"],
          ]}
          onChoice={(kind) => change({ kind: kind as Kind })}
        />
        <TextField label="Description" value={draft.description} onText={(description) => change({ description })} />
      </div>
      {asksPattern && (
        <JsonEditor
          label="Event pattern"
          text={draft.pattern}
          shapes={EVENT_PATTERN}
          problems={patternProblems.value}
          readOnly={isManaged}
          onText={(pattern) => change({ pattern })}
        />
      )}
      {draft.kind !== "pattern" && (
        <TextField
          label="Schedule"
          hint="rate(5 minutes), or cron(0 9 ? * MON-FRI *)"
          problem={asksPattern ? undefined : patternProblems.value[0]?.message}
          value={draft.schedule}
          onText={(schedule) => change({ schedule })}
        />
      )}
      <JsonEditor
        label="Targets"
        text={draft.targets}
        shapes={putTargets && targetShapes(putTargets)}
        problems={targetProblems.value}
        rows={8}
        readOnly={isManaged}
        onText={(targets) => change({ targets })}
      />
      {!isManaged && (
        <div class="buttons sticky">
          <ActionButton isPrimary disabled={!isChanged} act={save}>
            {rule ? "Save" : "Create"}
          </ActionButton>
        </div>
      )}
      {asksPattern && (
        <section class="card form" aria-label="Try the rule">
          <h2>Try the pattern, as it is written, on an event</h2>
          <JsonEditor label="Event" text={event.value} rows={6} onText={(text) => (event.value = text)} />
          <ActionButton
            act={async () => {
              explained.value = undefined;
              explained.value = await explainPattern(draft.pattern, event.value, patternProblems);
            }}
          >
            Try
          </ActionButton>
          {explained.value && <PatternVerdict explained={explained.value} />}
        </section>
      )}
    </div>
  );
}

/** What is refused is told at the editor too. */
async function telling<T>(problems: { value: readonly Problem[] }, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    problems.value = [{ message: (error as Error).message }];
    throw error;
  }
}

function targetsOf(text: string): readonly Target[] {
  const parsed = parseJson(text);
  if ("error" in parsed) throw new Error(`The targets are no JSON: ${parsed.error}`);
  const { Targets: targets } = Object(parsed.value) as { Targets?: unknown };
  if (!Array.isArray(targets)) throw new Error("Targets is to be a list");
  return targets as readonly Target[];
}

const ANY_EVENT = {
  id: "0",
  account: "000000000000",
  source: "x",
  time: "2026-01-01T00:00:00Z",
  region: "us-east-1",
  resources: [],
  "detail-type": "x",
  detail: {},
};

/** Before anything is changed. */
async function checkPattern(EventPattern: string): Promise<void> {
  await call("events", "TestEventPattern", { EventPattern, Event: JSON.stringify(ANY_EVENT) });
}

async function putRule(bus: string, draft: Draft, State = "ENABLED"): Promise<void> {
  const { name: Name, description: Description, roleArn: RoleArn, kind } = draft;
  await call("events", "PutRule", {
    EventBusName: bus,
    Name,
    State,
    ...(Description && { Description }),
    ...(RoleArn && { RoleArn }),
    ...(kind !== "schedule" && { EventPattern: draft.pattern }),
    ...(kind !== "pattern" && { ScheduleExpression: draft.schedule }),
  });
}

interface Failed {
  readonly FailedEntries?: readonly {
    readonly TargetId?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
  }[];
}

/** How many targets one call takes. */
const TARGETS_A_CALL = 10;

async function put(bus: string, Rule: string, targets: readonly Target[]): Promise<void> {
  for (let at = 0; at < targets.length; at += TARGETS_A_CALL) {
    const Targets = targets.slice(at, at + TARGETS_A_CALL);
    const { FailedEntries = [] } = await call<Failed>("events", "PutTargets", { EventBusName: bus, Rule, Targets });
    const [failed] = FailedEntries;
    if (failed) throw new Error(`Target ${failed.TargetId}: ${failed.ErrorCode} ${failed.ErrorMessage ?? ""}`);
  }
}

/** A rule that is new has its targets, or is not there. */
async function putOrTakeBack(bus: string, name: string, targets: readonly Target[]): Promise<void> {
  try {
    await put(bus, name, targets);
  } catch (error) {
    await removeTargets(
      bus,
      name,
      targets.map(({ Id: id }) => id),
    ).catch(() => {});
    await call("events", "DeleteRule", { EventBusName: bus, Name: name });
    throw error;
  }
}

async function removeTargets(bus: string, Rule: string, Ids: readonly string[]): Promise<void> {
  if (Ids.length > 0) await call("events", "RemoveTargets", { EventBusName: bus, Rule, Ids });
}

const targetShapesOf = new WeakMap<Shapes, Shapes>();

function targetShapes(operation: Shapes): Shapes {
  const known = targetShapesOf.get(operation);
  if (known) return known;
  const input = shapeNamed(operation, operation.input);
  const { Targets = "" } = input.type === "structure" ? input.members : {};
  const made: Shapes = {
    input: "All targets",
    shapes: {
      ...operation.shapes,
      "All targets": { type: "structure", members: { Targets: "Some or none" }, required: ["Targets"] },
    },
  };
  const list = shapeNamed(operation, Targets);
  const some = list.type === "list" ? { ...list, min: 0 } : list;
  const shapes: Shapes = { ...made, shapes: { ...made.shapes, "Some or none": some } };
  targetShapesOf.set(operation, shapes);
  return shapes;
}
