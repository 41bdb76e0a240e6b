import { Random } from "./random.ts";

/**
 * Lots of a city as GeoJSON features of about 1 KB, in the manner of the San Francisco data that aws/event-ruler measures itself with:
 * outlines in arrays of arrays of numbers, and their corners in arrays of objects.
 */
export function* cityLots(count: number, seed: number): Generator<string> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) yield JSON.stringify(lot(i, random));
}

const STREETS = ["FULTON", "MASON", "JEFFERSON", "BEACH", "HYDE", "CHESTNUT", "ACTON", "BLAKE", "DRUMM", "RHODES"];
const WEST = -122.51;
const SOUTH = 37.71;
const DEGREES = 0.1;

function lot(number: number, random: Random): object {
  const [x, y] = [WEST + random.next() * DEGREES, SOUTH + random.next() * DEGREES];
  const outline = Array.from({ length: 6 + random.below(10) }, () => [
    x + random.next() / 1000,
    y + random.next() / 1000,
    0,
  ]);
  const block = String(1000 + (number % 5000));
  const isPolygon = random.chance(0.999);
  return {
    type: "Feature",
    properties: {
      MAPBLKLOT: `${block}${String(number % 97).padStart(3, "0")}`,
      BLKLOT: `${block}${String(number % 89).padStart(3, "0")}`,
      BLOCK_NUM: block,
      LOT_NUM: String(number % 97).padStart(3, "0"),
      FROM_ST: String(random.below(3000)),
      TO_ST: String(random.below(3000)),
      STREET: random.pick(STREETS),
      ST_TYPE: random.weighted({ ST: 60, AVE: 30, CT: 10 }),
      ODD_EVEN: random.pick(["O", "E"]),
    },
    geometry: {
      type: isPolygon ? "Polygon" : "MultiPolygon",
      coordinates: isPolygon ? [outline] : [[outline]],
      corners: [outline.slice(0, 4).map(([cornerX, cornerY]) => ({ x: cornerX, y: cornerY }))],
      first: { x: outline[0]?.[0], y: outline[0]?.[1] },
    },
  };
}

/** Five rules of each kind. */
export const CITY_LOT_RULES: Readonly<Record<string, readonly object[]>> = {
  exact: ["1430042", "2607055", "2708059", "3745029", "5999052"].map((lot) => ({ properties: { MAPBLKLOT: [lot] } })),
  numeric: [
    { geometry: { first: { x: [{ numeric: ["<", -122.5] }] } } },
    { geometry: { first: { x: [{ numeric: [">", -122.42] }] } } },
    { geometry: { first: { x: [{ numeric: [">", -122.47, "<", -122.46] }] } } },
    { geometry: { type: ["Polygon"], first: { y: [{ numeric: [">=", 37.8] }] } } },
    { geometry: { type: ["MultiPolygon"], first: { y: [{ numeric: [">=", 37.7, "<=", 37.8] }] } } },
  ],
  "anything-but": [
    { properties: { STREET: [{ "anything-but": ["FULTON"] }] } },
    { properties: { STREET: [{ "anything-but": ["MASON"] }] } },
    { properties: { ST_TYPE: [{ "anything-but": ["ST"] }] } },
    { geometry: { type: [{ "anything-but": ["Polygon"] }] } },
    { properties: { FROM_ST: [{ "anything-but": ["441"] }] } },
  ],
  "arrays of arrays": [
    { geometry: { coordinates: [{ numeric: ["<", -122.5] }] } },
    { geometry: { coordinates: [{ numeric: [">", 37.8] }] } },
    { geometry: { type: ["MultiPolygon"], coordinates: [{ numeric: [">", -122.47, "<", -122.46] }] } },
    { geometry: { corners: { x: [{ numeric: ["<", -122.48] }], y: [{ numeric: [">", 37.75] }] } } },
    { geometry: { type: ["Polygon"], corners: { x: [{ numeric: [">", -122.43] }], y: [{ numeric: ["<", 37.73] }] } } },
  ],
};
