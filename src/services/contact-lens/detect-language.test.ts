import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { detectLanguage } from "./detect-language.ts";

describe("the language of a conversation", () => {
  for (const [languageCode, texts] of [
    ["en-US", ["Good morning, how can I help you?", "My parcel has not arrived and I am really angry."]],
    ["de-DE", ["Guten Tag, was kann ich für Sie tun?", "Mein Paket ist nicht da, und ich warte seit einer Woche."]],
    [
      "fr-FR",
      ["Bonjour, que puis-je faire pour vous ?", "Mon colis n’est pas arrivé, je l’attends depuis une semaine."],
    ],
    ["es-ES", ["Hola, ¿en qué puedo ayudarle?", "Mi paquete no ha llegado y lo espero desde hace una semana."]],
    ["it-IT", ["Buongiorno, come posso aiutarla?", "Il mio pacco non è arrivato, lo aspetto da una settimana."]],
    ["pt-BR", ["Olá, como posso ajudar você?", "O meu pacote não chegou e eu já espero há uma semana."]],
  ] as const) {
    test(`is heard: ${languageCode}`, () => {
      assert.equal(detectLanguage(texts), languageCode);
    });
  }

  test("is not guessed at where nothing tells of one", () => {
    for (const texts of [[], ["4111 1111"], ["荷物がまだ届きません。"], ["OK"]])
      assert.equal(detectLanguage(texts), undefined);
  });
});
