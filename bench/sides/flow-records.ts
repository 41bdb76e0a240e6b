/** The records of the benchmark of flows: 25 fields, 20 of which are mapped. */

/** Field by field of the source, what it becomes. */
export const FIELDS: readonly (readonly [field: string, destination: string])[] = [
  ["Id", "id"],
  ["Email", "mail"],
  ["FirstName", "first"],
  ["LastName", "last"],
  ...Array.from({ length: 16 }, (_, place) => [`Field${place}__c`, `field${place}`] as const),
];

export function rowOf(at: number): Record<string, unknown> {
  const row: Record<string, unknown> = {
    Id: `003${String(at).padStart(15, "0")}`,
    Email: `guest.${at}@example.com`,
    FirstName: `Ina ${at % 1000}`,
    LastName: `Möller ${at}`,
  };
  for (let place = 0; place < 21; place++)
    row[`Field${place}__c`] = place % 4 === 0 ? at + place : `value ${at} of ${place}`;
  return row;
}

/** What the flow makes of it. */
export function objectOf(at: number): Record<string, unknown> {
  const row = rowOf(at);
  return Object.fromEntries(FIELDS.map(([field, destination]) => [destination, row[field]]));
}
