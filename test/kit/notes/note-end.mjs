/** Answers what it would note of a contact that is over. */
export async function handler({ detail }) {
  if (detail.channel !== "VOICE") throw new TypeError(`Nobody notes ${detail.channel}`);
  return { noted: detail.contactId };
}
