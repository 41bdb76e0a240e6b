import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Backtest, type BacktestDone, type BacktestMatch } from "../../parts/backtest.tsx";
import { ActionButton, ChoiceField, ConfirmButton, TextField } from "../../parts/form.tsx";
import type { Bar } from "../../parts/histogram.tsx";
import { JsonEditor } from "../../parts/json-editor.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { useLoaded } from "../../query.ts";
import { go, href } from "../../route.ts";
import { post, region, session } from "../../server.ts";
import {
  ask,
  domainInAddress,
  type Integration,
  limitsInWords,
  listAll,
  type ObjectType,
  profileHref,
  type Trigger,
} from "./domain-data.ts";
import { Explained, ExplainedObjects, type ExplainedTrigger, type Outcome, OutcomeMark } from "./explained.tsx";
import { sampleObject } from "./sample-object.ts";
import { objectShapes } from "./shapes.ts";
import { TriggerForm, type TriggerInput, triggerIn } from "./trigger-form.tsx";

function crumbsOf(domain: string): readonly { readonly title: string; readonly to: string }[] {
  return [
    { title: domain, to: href(["profiles", domain]) },
    { title: "Event triggers", to: href(["profiles", domain], { tab: "triggers" }) },
  ];
}

const NEW: TriggerInput = {
  EventTriggerName: "",
  ObjectTypeName: "",
  EventTriggerConditions: [
    {
      LogicalOperator: "ALL",
      EventTriggerDimensions: [
        { ObjectAttributes: [{ Source: "state", ComparisonOperator: "INCLUSIVE", Values: ["HELD"] }] },
      ],
    },
  ],
};

/** A trigger that is not there yet: written, tried on what was ingested, created. */
export function NewTriggerPage(): JSX.Element {
  const domain = domainInAddress();
  const text = useSignal(JSON.stringify(NEW, undefined, 2));
  const create = async (trigger: TriggerInput): Promise<undefined> => {
    await ask(domain, "CreateEventTrigger", trigger);
    go(href(["profiles", domain, "triggers", trigger.EventTriggerName ?? ""]));
  };
  return (
    <>
      <PageHead title="New event trigger" crumbs={crumbsOf(domain)} />
      <TriggerForm domain={domain} text={text.value} onText={(typed) => (text.value = typed)} isNew save={create} />
      <section class="card spaced">
        <h2>What would it have fired on?</h2>
        <TriggerBacktest domain={domain} triggerOf={() => draftOf(text.value)} />
      </section>
    </>
  );
}

/** What is written, as a backtest takes it: a draft needs no name yet. */
function draftOf(text: string): TriggerInput {
  const trigger = triggerIn(text);
  if (!trigger) throw new Error("The trigger is no JSON object.");
  const { EventTriggerName, ...others } = trigger;
  return EventTriggerName ? { ...others, EventTriggerName } : others;
}

/** One event trigger: what it is, whom it tells, what it decided and why, and what it would decide. */
export function TriggerPage({ domain, name }: { readonly domain: string; readonly name: string }): JSX.Element {
  const { value, error, reload } = useLoaded(`${domain} ${name}`, async (signal) => {
    const [trigger, integrations] = await Promise.all([
      ask<Trigger>(domain, "GetEventTrigger", { EventTriggerName: name }, signal),
      listAll<Integration>(domain, "ListIntegrations", signal),
    ]);
    return { trigger, integration: integrations.find(({ EventTriggerNames }) => EventTriggerNames?.includes(name)) };
  });
  const remove = async (): Promise<undefined> => {
    await ask(domain, "DeleteEventTrigger", { EventTriggerName: name });
    go(href(["profiles", domain], { tab: "triggers" }));
  };
  return (
    <>
      <PageHead title={`Event trigger ${name}`} crumbs={crumbsOf(domain)}>
        {value && (
          <ConfirmButton act={remove} confirm="Delete trigger" question={`Delete event trigger ${name} of ${domain}?`}>
            Delete
          </ConfirmButton>
        )}
      </PageHead>
      <Failure error={error} />
      {value && (
        <>
          <Facts domain={domain} trigger={value.trigger} integration={value.integration} />
          <Tabs
            label={`Event trigger ${name}`}
            tabs={[
              {
                name: "decisions",
                title: "Decisions",
                view: () => <Decisions domain={domain} name={name} isIdle={value.integration === undefined} />,
              },
              {
                name: "try",
                title: "Try",
                view: () => <Trying domain={domain} name={name} type={value.trigger.ObjectTypeName} />,
              },
              {
                name: "backtest",
                title: "Backtest",
                view: () => <TriggerBacktest domain={domain} triggerOf={() => name} />,
              },
              {
                name: "edit",
                title: "Edit",
                view: () => <Editing key={name} domain={domain} trigger={value.trigger} onSaved={reload} />,
              },
              {
                name: "tells",
                title: "Whom it tells",
                view: () => (
                  <Telling
                    key={value.integration?.Uri}
                    domain={domain}
                    name={name}
                    integration={value.integration}
                    onChange={reload}
                  />
                ),
              },
            ]}
          />
        </>
      )}
    </>
  );
}

function Facts({
  domain,
  trigger,
  integration,
}: {
  readonly domain: string;
  readonly trigger: Trigger;
  readonly integration: Integration | undefined;
}): JSX.Element {
  const { ObjectTypeName: type, SegmentFilter: segment, Description, EventTriggerLimits } = trigger;
  return (
    <dl class="facts">
      {Description && (
        <>
          <dt>Is for</dt>
          <dd>{Description}</dd>
        </>
      )}
      <dt>Looks at</dt>
      <dd>
        objects of <a href={href(["profiles", domain, "types", type])}>{type}</a>
        {segment && (
          <>
            {" "}
            of profiles in <a href={href(["profiles", domain, "segments", segment])}>{segment}</a>
          </>
        )}
      </dd>
      <dt>Tells</dt>
      <dd>
        {integration ? integration.Uri : <span class="warn">nobody: it has no integration, and is not asked</span>}
      </dd>
      <dt>For one profile</dt>
      <dd>
        {limitsInWords(trigger)}
        {EventTriggerLimits?.EventExpiration !== undefined &&
          `; no longer after ${EventTriggerLimits.EventExpiration} ms`}
      </dd>
    </dl>
  );
}

function explain(domain: string, trigger: string, of: object, signal?: AbortSignal): Promise<ExplainedTrigger> {
  return post<ExplainedTrigger>("explain", { domain, trigger, ...of }, signal);
}

function Decisions({
  domain,
  name,
  isIdle,
}: {
  readonly domain: string;
  readonly name: string;
  readonly isIdle: boolean;
}): JSX.Element {
  const { value, error } = useLoaded(`${domain} ${name}`, (signal) => explain(domain, name, {}, signal), {
    everyMs: 3000,
  });
  return (
    <>
      <Failure error={error} />
      {isIdle && <Empty>It decides nothing as long as it has nobody to tell.</Empty>}
      {value && !(isIdle && value.objects.length === 0) && (
        <ExplainedObjects domain={domain} explained={value} withProfile />
      )}
    </>
  );
}

const OBJECTS = [
  ["sample", "an object that need not have been ingested"],
  ["object", "an ingested object, by its unique key"],
  ["profile", "the objects of a profile, by its id"],
] as const;

/** The trigger on one object or on some: every condition, with what was found. Nothing is sent. */
function Trying({
  domain,
  name,
  type,
}: {
  readonly domain: string;
  readonly name: string;
  readonly type: string;
}): JSX.Element {
  const kind = useSignal<string>("sample");
  const key = useSignal("");
  const sample = useSignal<string | undefined>(undefined);
  const answer = useSignal<ExplainedTrigger | undefined>(undefined);
  const { value, error } = useLoaded(`${domain} ${type}`, (signal) =>
    ask<ObjectType>(domain, "GetProfileObjectType", { ObjectTypeName: type }, signal),
  );
  const shapes = useMemo(() => value && objectShapes(value), [value]);
  const text = sample.value ?? (value ? JSON.stringify(sampleObject(value), undefined, 2) : "{}");
  const tryIt = async (): Promise<undefined> => {
    answer.value = undefined;
    const of = kind.value === "sample" ? { object: JSON.parse(text) as object } : { [kind.value]: key.value.trim() };
    answer.value = await explain(domain, name, of);
  };
  return (
    <>
      <Failure error={error} />
      <div class="form">
        <ChoiceField label="On" value={kind.value} choices={OBJECTS} onChoice={(chosen) => (kind.value = chosen)} />
        {kind.value === "sample" ? (
          <JsonEditor label="Object" shapes={shapes} text={text} onText={(typed) => (sample.value = typed)} />
        ) : (
          <TextField
            label={kind.value === "object" ? "Unique key" : "Profile"}
            value={key.value}
            onText={(typed) => (key.value = typed)}
          />
        )}
        <ActionButton isPrimary act={tryIt} disabled={kind.value !== "sample" && key.value === ""}>
          Try
        </ActionButton>
      </div>
      {answer.value && (
        <section aria-label="Answer">
          {kind.value === "sample" && answer.value.objects[0] ? (
            <Explained explained={answer.value.objects[0]} />
          ) : (
            <ExplainedObjects domain={domain} explained={answer.value} withProfile />
          )}
        </section>
      )}
    </>
  );
}

interface TriggerMatch extends BacktestMatch {
  readonly outcome: Outcome;
  readonly profile: string;
  readonly object: string;
}

interface TriggerDone extends BacktestDone {
  readonly profiles: number;
  readonly most: readonly { readonly profile: string; readonly fired: number; readonly capped: number }[];
}

const BARS: readonly Bar[] = [
  { name: "fired", title: "fired", color: "--chart-2" },
  { name: "capped", title: "capped", color: "--chart-3" },
  { name: "expired", title: "expired", color: "--chart-5" },
  { name: "outside", title: "not in the segment", color: "--chart-4" },
];

/** A trigger over the objects that were ingested, without sending anything. */
function TriggerBacktest({
  domain,
  triggerOf,
}: {
  readonly domain: string;
  triggerOf(): string | TriggerInput;
}): JSX.Element {
  return (
    <Backtest<TriggerMatch, TriggerDone>
      asked={() => ({ domain, trigger: triggerOf() })}
      bars={BARS}
      summaryOf={({ outcome, object, profile }) => (
        <>
          <OutcomeMark outcome={outcome} /> {object} <span class="faint">profile {profile.slice(0, 8)}…</span>
        </>
      )}
    >
      {({ profiles, most }) =>
        most.length > 0 && (
          <p>
            For {profiles} {profiles === 1 ? "profile" : "profiles"}, most often for{" "}
            {most.slice(0, 5).map(({ profile, fired, capped }) => (
              <span key={profile}>
                <a href={profileHref(domain, profile)}>{profile.slice(0, 8)}…</a> ({fired}
                {capped > 0 && `, capped ${capped}`}){" "}
              </span>
            ))}
          </p>
        )
      }
    </Backtest>
  );
}

function Editing({
  domain,
  trigger,
  onSaved,
}: {
  readonly domain: string;
  readonly trigger: Trigger;
  onSaved(): void;
}): JSX.Element {
  const { CreatedAt: _, LastUpdatedAt: __, Tags: ___, ...given } = trigger as Trigger & { readonly Tags?: object };
  const text = useSignal(JSON.stringify(given, undefined, 2));
  const save = async (changed: TriggerInput): Promise<string> => {
    await ask(domain, "UpdateEventTrigger", updateOf(trigger, changed));
    onSaved();
    return "Saved: it holds from the next object on";
  };
  return (
    <>
      <TriggerForm
        domain={domain}
        text={text.value}
        onText={(typed) => (text.value = typed)}
        isNew={false}
        save={save}
      />
      <section class="card spaced">
        <h2>What would it have fired on, as it is written here?</h2>
        <TriggerBacktest domain={domain} triggerOf={() => draftOf(text.value)} />
      </section>
    </>
  );
}

/** What UpdateEventTrigger is given. It keeps what it is not given, so that some can be replaced, and not be taken away. */
function updateOf(before: Trigger, after: TriggerInput & { readonly Tags?: object }): object {
  const { Tags: _, ...input } = after;
  for (const name of ["SegmentFilter", "Description"] as const) {
    if (before[name] === undefined || after[name] !== undefined) continue;
    throw new Error(
      `UpdateEventTrigger keeps a ${name} where none is given: to be rid of it, create the trigger anew.`,
    );
  }
  const isUncapped = before.EventTriggerLimits !== undefined && after.EventTriggerLimits === undefined;
  return { ...input, ...(isUncapped && { EventTriggerLimits: {} }), EventTriggerName: before.EventTriggerName };
}

/** Its integration: whom it tells. */
function Telling({
  domain,
  name,
  integration,
  onChange,
}: {
  readonly domain: string;
  readonly name: string;
  readonly integration: Integration | undefined;
  onChange(): void;
}): JSX.Element {
  const account = session.value?.account ?? "";
  const uri = useSignal(`arn:aws:kinesis:${region.value}:${account}:stream/`);
  const role = useSignal(`arn:aws:iam::${account}:role/triggers`);
  // What the action did is said by what is shown then.
  const connect = async (): Promise<undefined> => {
    const input = { Uri: uri.value, EventTriggerNames: [name], RoleArn: role.value };
    await ask(domain, "PutIntegration", input);
    onChange();
  };
  if (integration) {
    return (
      <section class="card">
        <p>
          It tells <code>{integration.Uri}</code>
          {integration.RoleArn && (
            <>
              {" "}
              as <code>{integration.RoleArn}</code>
            </>
          )}
          .
        </p>
        <ConfirmButton
          confirm="Delete integration"
          question={`Delete the integration? ${name} is asked no more until it has another one.`}
          act={async () => {
            await ask(domain, "DeleteIntegration", { Uri: integration.Uri });
            onChange();
          }}
        >
          Delete integration
        </ConfirmButton>
      </section>
    );
  }
  return (
    <section class="card form">
      <TextField
        label="Destination"
        hint="ARN of a stream, queue, bus or campaign, or the URL of a webhook; # and anything behind it lets several triggers share one"
        value={uri.value}
        onText={(text) => (uri.value = text)}
      />
      <TextField label="Role" value={role.value} onText={(text) => (role.value = text)} />
      <ActionButton isPrimary act={connect}>
        Connect
      </ActionButton>
    </section>
  );
}
