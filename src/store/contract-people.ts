import { type Collection, collection } from "./store.ts";

export interface Person {
  readonly name: string;
  readonly team?: string;
  readonly age?: number;
}

export const people: Collection<Person> = collection<Person>("contract_people", {
  team: { type: "text", value: ({ team }) => team },
  age: { type: "integer", value: ({ age }) => age },
  name: { type: "text", unique: true, value: ({ name }) => name },
});
