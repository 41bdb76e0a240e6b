import { isJsonObject } from "../../json-text.ts";
import { mergeReferences } from "../contact-references.ts";
import { setTags } from "../contact-tags.ts";
import { updateContactData } from "../contact-transitions.ts";
import { type Contact, contactKey, contacts } from "../contacts.ts";
import { setAttributes } from "../update-contact-attributes.ts";
import { type ActionCode, FAILS, mapParameter, NEXT, type Step, textParameter } from "./step.ts";

/** What flow attributes may have together: "up to 32 KB". */
const FLOW_ATTRIBUTES_BYTES_MAX = 32_768;

/** Sets user attributes of the contact, or of the one that it is related to: all of them or none. */
export const UpdateContactAttributes: ActionCode = {
  begin: async (step) => {
    const target = await targetOf(step);
    if (!target) return FAILS;
    const changed = await setAttributes(step.unit, step.platform, target, mapParameter(step, "Attributes"));
    if (target.id === step.contact.id) step.contactIs(changed);
    return NEXT;
  },
};

/** Sets attributes that only this run of the flow can see. */
export const UpdateFlowAttributes: ActionCode = {
  begin: (step) => {
    const flowAttributes = { ...step.frame.flowAttributes, ...mapParameter(step, "FlowAttributes") };
    const bytes = Object.entries(flowAttributes)
      .flat()
      .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (bytes > FLOW_ATTRIBUTES_BYTES_MAX) return FAILS;
    step.changeFrame({ flowAttributes });
    return NEXT;
  },
};

/** What contact events have no name for makes none, as with the API. */
export const UpdateContactData: ActionCode = {
  begin: async (step) => {
    const target = await targetOf(step);
    if (!target) return FAILS;
    const changed = {
      name: textParameter(step, "Name") ?? target.name,
      description: textParameter(step, "Description") ?? target.description,
      languageCode: textParameter(step, "LanguageCode") ?? target.languageCode,
      customerId: textParameter(step, "CustomerId") ?? target.customerId,
      references: mergeReferences(target.references, referencesParameter(step)),
    };
    if (target.id === step.contact.id) step.changeContact(changed);
    else await updateContactData(step.unit, step.platform, { ...target, ...changed }, []);
    return NEXT;
  },
};

export const TagContact: ActionCode = {
  begin: async (step) => {
    const added = mapParameter(step, "Tags");
    step.contactIs(await setTags(step.unit, step.platform, step.contact, (tags) => ({ ...tags, ...added })));
    return NEXT;
  },
};

export const UnTagContact: ActionCode = {
  begin: async (step) => {
    const { TagKeys: keys } = step.parameters;
    const removed = new Set<unknown>(Array.isArray(keys) ? keys : []);
    const keep = (tags: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(tags).filter(([name]) => !removed.has(name)));
    step.contactIs(await setTags(step.unit, step.platform, step.contact, keep));
    return NEXT;
  },
};

/** References of a new contact or a changed one, in the API's spelling. */
export function referencesParameter({ parameters }: Pick<Step, "parameters">): Parameters<typeof mergeReferences>[1] {
  const { References: references } = parameters;
  if (!isJsonObject(references)) return undefined;
  const entries = Object.entries(references).map(([name, reference]) => {
    const { Type = "", Value = "" } = isJsonObject(reference) ? reference : {};
    return [name, { Type: String(Type), Value: String(Value ?? "") }] as const;
  });
  return Object.fromEntries(entries) as Parameters<typeof mergeReferences>[1];
}

async function targetOf(step: Step): Promise<Contact | undefined> {
  const { contact, unit } = step;
  if (step.parameters.TargetContact !== "Related") return contact;
  const { relatedContactId: id } = contact;
  return id === undefined ? undefined : unit.get(contacts, contactKey({ ...contact, id }));
}
