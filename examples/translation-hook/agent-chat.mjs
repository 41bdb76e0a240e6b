/**
 * The hook: an agent's chat client that reads and writes the agent's language, whatever the customer's is.
 *
 * The chat itself holds what the customer has written and what they are shown, so the customer's client is any client. What the customer
 * writes last says which language they are answered in.
 */
import { joinChat } from "./chat.mjs";

/** `translate(text, to)` answers `{ text, from }`; `show({ text, original, from })` gets each message of the customer. */
export async function joinTranslated(participantToken, { language, translate, show }) {
  let customers = language;
  const chat = await joinChat(participantToken, async ({ role, text: original }) => {
    if (role !== "CUSTOMER") return;
    const { text, from } = await translated(original, language);
    customers = from ?? customers;
    show({ text, original, from });
  });
  return {
    ...chat,
    async say(text) {
      const shown = customers === language ? { text } : await translated(text, customers);
      await chat.say(shown.text);
      return shown.text;
    },
  };

  /** A message that cannot be translated is shown as it was written: it is never lost. */
  async function translated(text, to) {
    return translate(text, to).catch((error) => {
      console.error(`not translated: ${error.message}`);
      return { text };
    });
  }
}
