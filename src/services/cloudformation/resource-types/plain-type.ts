import type { Answer, Changing, Properties, ResourceType, Work } from "../resource-type.ts";
import { pick, recoveryOf, retag, tagMap } from "./parts.ts";

interface Plain {
  readonly model: string;
  readonly create: string;
  readonly update?: string;
  readonly remove: string;
  readonly updatable: readonly string[];
  readonly replacing: readonly string[];
  readonly required: readonly string[];
  /** Members of inputs that name what is there. */
  readonly key: (properties: Properties, physicalId: string) => Properties;
  readonly made: (answer: Properties, work: Work) => { readonly physicalId: string; readonly attributes?: Properties };
  /** Attributes that `create` does not answer with, as they are by now. */
  readonly attributes?: (work: Work) => Promise<Properties>;
  /** What inputs have of the properties, where that is not what they are. */
  readonly input?: (properties: Properties) => Properties;
  /** What is there and looks as this one will: answers that `made` reads. Absent: what `create` does twice is there once. */
  readonly existing?: (work: Work) => Promise<readonly Answer[]>;
  /** The member with tags. Absent: it has none. */
  readonly tags?: string;
  /** The resource's ARN, for tags. */
  readonly arn?: (changing: Changing) => unknown;
}

/** A type with one operation each to create, change and delete it. */
export function plain(of: Plain): ResourceType {
  const withoutTags = ({ Tags: _, ...rest }: Properties): Properties => (of.input ? of.input(rest) : rest);
  const tagged = of.tags === undefined ? [] : ["Tags"];
  const { update: operation } = of;
  return {
    updatable: [...of.updatable, ...tagged],
    replacing: of.replacing,
    required: of.required,
    async create(work) {
      const answer = await work.call(of.model, of.create, {
        ...withoutTags(work.properties),
        ...(of.tags !== undefined && tagMap(work, of.tags)),
      });
      const made = of.made(answer, work);
      return { ...made, attributes: { ...made.attributes, ...(await of.attributes?.(work)) } };
    },
    ...(of.existing && {
      recovery: recoveryOf(of.existing, async (answer: Properties, work: Work) => {
        const made = of.made(answer, work);
        return { ...made, attributes: { ...made.attributes, ...(await of.attributes?.(work)) } };
      }),
    }),
    ...((operation !== undefined || of.arn !== undefined) && {
      async update(changing: Changing) {
        const { call, properties, physicalId } = changing;
        if (operation !== undefined && changing.changed(...of.updatable)) {
          const given = withoutTags(pick(properties, of.updatable));
          await call(of.model, operation, { ...given, ...of.key(properties, physicalId) });
        }
        if (of.arn) {
          await retag(changing, { model: of.model, resource: { resourceArn: of.arn(changing) }, map: "tags" });
        }
        return of.attributes?.(changing);
      },
    }),
    remove: ({ call, properties, physicalId }) => call(of.model, of.remove, of.key(properties, physicalId)),
  };
}
