/**
 * Stands in for a translation service, with the interface of LibreTranslate (`POST /translate`) and a glossary for one conversation:
 * phrases that it knows are replaced, everything else stays as it is. `docker run -p 5000:5000 libretranslate/libretranslate` is a real one.
 */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const GLOSSARY = [
  { en: "hello", de: "hallo", es: "hola" },
  { en: "where is my parcel", de: "wo ist mein Paket", es: "dónde está mi paquete" },
  { en: "your parcel arrives", de: "Ihr Paket kommt", es: "su paquete llega" },
  { en: "tomorrow", de: "morgen", es: "mañana" },
  { en: "good", de: "gut", es: "bien" },
  { en: "thank you", de: "danke", es: "gracias" },
];
const LANGUAGES = Object.keys(GLOSSARY[0]);

/** Answers the service's URL. */
export async function startTranslationService() {
  const server = createServer(async (request, response) => {
    const { q, target } = await json(request);
    const language = detect(q);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ translatedText: translate(q, language, target), detectedLanguage: { language } }));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

/** The language with the most phrases in the text; of a text without any, the first one. */
function detect(text) {
  const count = (language) => GLOSSARY.filter((phrases) => found(phrases[language]).test(text)).length;
  return LANGUAGES.toSorted((one, other) => count(other) - count(one))[0];
}

function translate(text, from, to) {
  const replace = (said, phrases) =>
    said.replace(found(phrases[from]), ([first]) => {
      const phrase = phrases[to];
      return first === first.toUpperCase() ? phrase[0].toUpperCase() + phrase.slice(1) : phrase;
    });
  return from === to ? text : GLOSSARY.reduce(replace, text);
}

/** A phrase as whole words, in any case. */
function found(phrase) {
  return new RegExp(`(?<!\\p{L})${phrase}(?!\\p{L})`, "iu");
}
