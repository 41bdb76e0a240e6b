/**
 * Translates a text for a chat: `{"text": "Hallo", "to": "en"}` → `{"text": "Hello", "from": "de"}`.
 *
 * Between the chat and a translation service, so that only a function has the service's key, and the service can be another one: this
 * one speaks the interface of LibreTranslate. With Amazon Translate the request is
 * `new TranslateTextCommand({ Text: text, SourceLanguageCode: "auto", TargetLanguageCode: to })` instead.
 */
const { TRANSLATOR_URL } = process.env;

export async function handler({ body }) {
  const { text, to } = JSON.parse(body);
  const answer = await fetch(`${TRANSLATOR_URL}/translate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ q: text, source: "auto", target: to, format: "text" }),
    // Who chats does not wait for long: without an answer the text is shown as it is.
    signal: AbortSignal.timeout(3000),
  });
  if (!answer.ok) throw new Error(`The translation service answers ${answer.status}`);
  const { translatedText, detectedLanguage } = await answer.json();
  return { text: translatedText, from: detectedLanguage.language };
}
