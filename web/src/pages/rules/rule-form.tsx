import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ActionButton, ChoiceField, TextField } from "../../parts/form.tsx";
import { emptyOf, shapeNamed } from "../../parts/json-editor/shapes.ts";
import {
  formatJson,
  JsonEditor,
  type Problem,
  parseJson,
  type Shapes,
  useOperationShapes,
} from "../../parts/json-editor.tsx";
import { useLoaded } from "../../query.ts";
import { call, read } from "../../server.ts";
import {
  type Draft,
  definitionOf,
  type EventSource,
  firstCondition,
  isThirdParty,
  newDraft,
  type PublishStatus,
  type Rule,
  sourceTitle,
} from "./rule-data.tsx";

const NONE: readonly Problem[] = [];

/** What a rule says, to be changed: its name and event source, its function, its actions. What is refused is kept, and told at its place. */
export function RuleForm({
  instance,
  rule,
  draft,
  isChanged,
  sources,
  onDraft,
  check,
  onSaved,
}: {
  readonly instance: string;
  /** Absent as long as it has not been created. */
  readonly rule: Rule | undefined;
  readonly draft: Draft;
  readonly isChanged: boolean;
  readonly sources: readonly EventSource[];
  onDraft(draft: Draft): void;
  /** Throws where somebody else has saved the rule meanwhile. */
  check(): Promise<void>;
  /** With the id of a rule that was created. */
  onSaved(created: string | undefined): void;
}): JSX.Element {
  const refused = useSignal<string | undefined>(undefined);
  const source = sources.find(({ name }) => name === draft.source);
  const language = useLoaded(draft.source, (signal) =>
    read<Shapes>(`rule-languages/${encodeURIComponent(draft.source)}`, signal),
  );
  const operation = useOperationShapes({ model: "connect", operation: "CreateRule" });
  const change = (changes: Partial<Draft>): void => {
    refused.value = undefined;
    onDraft({ ...draft, ...changes });
  };
  const begin = async (next: EventSource): Promise<void> => {
    const said = await read<Shapes>(`rule-languages/${encodeURIComponent(next.name)}`).catch(() => undefined);
    change({ ...newDraft(next, said && firstCondition(said)), name: draft.name });
  };
  const save = async (status: PublishStatus): Promise<string> => {
    refused.value = undefined;
    const definition = definitionOf(draft);
    if ("error" in definition) throw new Error(definition.error);
    if (rule) await check();
    try {
      onSaved(await saveRule(instance, rule?.RuleId, { ...definition.value, PublishStatus: status }));
    } catch (error) {
      refused.value = (error as Error).message;
      throw error;
    }
    return status === "PUBLISHED" ? "Saved, published" : "Saved as a draft";
  };
  const place = refused.value === undefined ? undefined : placeOf(refused.value);
  const problemsAt = (wanted: Place): readonly Problem[] =>
    place === wanted && refused.value !== undefined ? [{ message: refused.value }] : NONE;
  const isPublished = rule?.PublishStatus === "PUBLISHED";
  return (
    <div class="form rule-form">
      <div class="rule-head">
        <TextField
          label="Name"
          hint={
            rule && !isThirdParty(draft.source)
              ? "It stays: contacts have it as their category"
              : "Letters, digits, - _ and . It is also the category that it assigns"
          }
          problem={place === "name" ? refused.value : undefined}
          value={draft.name}
          onText={(name) => change({ name })}
        />
        <ChoiceField
          label="Event source"
          hint={
            rule
              ? "It cannot be changed once the rule is there"
              : source && !source.isBuilt
                ? "Such rules are kept and never run"
                : undefined
          }
          value={draft.source}
          choices={(rule ? sources.filter(({ name }) => name === draft.source) : sources).map(({ name }) => [
            name,
            sourceTitle(name),
          ])}
          onChoice={(name) => {
            const next = sources.find((one) => one.name === name);
            if (next) void begin(next);
          }}
        />
        {isThirdParty(draft.source) && (
          <TextField
            label="Integration association"
            hint="Its id: where the events come from"
            problem={place === "association" ? refused.value : undefined}
            value={draft.associationId}
            onText={(associationId) => change({ associationId })}
          />
        )}
      </div>
      <JsonEditor
        label="Function"
        text={draft.functionText}
        shapes={language.value}
        problems={problemsAt("function")}
        rows={16}
        onText={(functionText) => change({ functionText })}
      />
      <JsonEditor
        label="Actions"
        text={draft.actionsText}
        shapes={operation && actionShapes(operation)}
        problems={problemsAt("actions")}
        rows={10}
        onText={(actionsText) => change({ actionsText })}
      />
      {source && operation && (
        <AddAction
          source={source}
          shapes={operation}
          text={draft.actionsText}
          onText={(actionsText) => change({ actionsText })}
        />
      )}
      <div class="buttons sticky">
        <ActionButton
          isPrimary
          disabled={rule !== undefined && !isChanged}
          act={() => save(isPublished ? "PUBLISHED" : "DRAFT")}
        >
          {isPublished ? "Save" : "Save as draft"}
        </ActionButton>
        <ActionButton act={() => save(isPublished ? "DRAFT" : "PUBLISHED")}>
          {isPublished
            ? isChanged
              ? "Save and unpublish"
              : "Unpublish"
            : rule && !isChanged
              ? "Publish"
              : "Save and publish"}
        </ActionButton>
      </div>
    </div>
  );
}

type Place = "name" | "association" | "function" | "actions";

/** Which part of the form a refusal is about, as far as its words tell. */
function placeOf(message: string): Place | undefined {
  if (/^Name:|at 'name'|rule (with the name|named)|named? .*(exists|taken)/i.test(message)) return "name";
  if (/IntegrationAssociation/.test(message)) return "association";
  if (/RuleFunction|ComparisonValue|^Version|^Function/.test(message)) return "function";
  if (/Action|PreEvaluation/i.test(message)) return "actions";
  return undefined;
}

async function saveRule(
  InstanceId: string,
  RuleId: string | undefined,
  definition: object,
): Promise<string | undefined> {
  if (RuleId === undefined) {
    return (await call<{ RuleId: string }>("connect", "CreateRule", { InstanceId, ...definition })).RuleId;
  }
  const { TriggerEventSource: _, ...rest } = definition as { TriggerEventSource?: unknown };
  // Without them those of before would stay.
  await call("connect", "UpdateRule", { InstanceId, RuleId, PreEvaluationFilters: {}, ...rest });
  return undefined;
}

const actionShapesOf = new WeakMap<Shapes, Shapes>();

/** The part of CreateRule's input that says what is to happen. */
function actionShapes(operation: Shapes): Shapes {
  const known = actionShapesOf.get(operation);
  if (known) return known;
  const input = shapeNamed(operation, operation.input);
  const { Actions = "", PreEvaluationFilters = "", Tags = "" } = input.type === "structure" ? input.members : {};
  const made: Shapes = {
    input: "What is to happen",
    shapes: {
      ...operation.shapes,
      "What is to happen": {
        type: "structure",
        members: { Actions, PreEvaluationFilters, Tags },
        required: ["Actions"],
      },
    },
  };
  actionShapesOf.set(operation, made);
  return made;
}

function AddAction({
  source,
  shapes,
  text,
  onText,
}: {
  readonly source: EventSource;
  readonly shapes: Shapes;
  readonly text: string;
  onText(text: string): void;
}): JSX.Element | null {
  const parsed = parseJson(text);
  const value = "value" in parsed ? (parsed.value as { readonly Actions?: unknown } | null) : null;
  if (!value || !Array.isArray(value.Actions)) return null;
  const present = new Set((value.Actions as readonly { ActionType?: string }[]).map((one) => one?.ActionType));
  const left = source.actions.filter(({ type }) => !present.has(type));
  if (left.length === 0) return null;
  const add = (type: string): void => {
    const chosen = left.find((one) => one.type === type);
    if (!chosen) return;
    const action = shapeNamed(shapes, "RuleAction");
    const member = action.type === "structure" ? action.members[chosen.member] : undefined;
    const added = { ActionType: type, [chosen.member]: emptyOf(shapes, shapeNamed(shapes, member)) };
    onText(formatJson({ ...value, Actions: [...(value.Actions as unknown[]), added] }));
  };
  return (
    <ChoiceField
      label="Add an action"
      value=""
      choices={[["", "choose …"], ...left.map(({ type }) => [type, type.toLowerCase().replaceAll("_", " ")] as const)]}
      onChoice={add}
    />
  );
}
