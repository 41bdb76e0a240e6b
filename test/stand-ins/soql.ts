/**
 * As much of SOQL as a stand-in needs: a list of fields, comparisons of times and texts, AND, OR, brackets, ORDER BY.
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
 */
export type Row = Readonly<Record<string, unknown>>;

export interface Soql {
  readonly fields: readonly string[];
  readonly object: string;
  readonly where: (row: Row) => boolean;
  readonly order: readonly string[];
}

export class MalformedQuery extends Error {}

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*')|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)|([A-Za-z][\w.]*)|(>=|<=|!=|[=<>(),]))/y;

interface Token {
  readonly kind: "text" | "time" | "word" | "sign";
  readonly text: string;
}

export function parseSoql(query: string): Soql {
  const tokens = tokensOf(query);
  const word = (expected?: string): string => {
    const token = tokens.shift();
    const isRight = token?.kind === "word" && (!expected || token.text.toUpperCase() === expected);
    if (!token || !isRight) throw new MalformedQuery(`unexpected token: '${token?.text ?? "<EOF>"}'`);
    return token.text;
  };
  const take = (text: string): boolean => {
    if (tokens[0]?.text.toUpperCase() !== text) return false;
    tokens.shift();
    return true;
  };
  const list = (): string[] => {
    const names = [word()];
    while (take(",")) names.push(word());
    return names;
  };
  const comparison = (): ((row: Row) => boolean) => {
    if (take("(")) {
      const inner = disjunction();
      if (!take(")")) throw new MalformedQuery("expecting a right parentheses");
      return inner;
    }
    const field = word();
    const sign = tokens.shift()?.text ?? "";
    const value = tokens.shift();
    if (!value || value.kind === "sign") throw new MalformedQuery("unexpected token");
    const bound = value.kind === "time" ? Date.parse(value.text) : value.text;
    return (row) => {
      const own = valueAt(row, field);
      return own !== null && own !== undefined && compares(comparable(own, value.kind), sign, bound);
    };
  };
  const conjunction = (): ((row: Row) => boolean) => {
    const all = [comparison()];
    while (take("AND")) all.push(comparison());
    return (row) => all.every((one) => one(row));
  };
  const disjunction = (): ((row: Row) => boolean) => {
    const any = [conjunction()];
    while (take("OR")) any.push(conjunction());
    return (row) => any.some((one) => one(row));
  };

  word("SELECT");
  const fields = list();
  word("FROM");
  const object = word();
  const where = take("WHERE") ? disjunction() : () => true;
  const order = take("ORDER") && word("BY") ? list() : [];
  if (tokens.length > 0) throw new MalformedQuery(`unexpected token: '${tokens[0]?.text}'`);
  return { fields, object, where, order };
}

/** Rows in an order: times by time, all else as text. */
export function inOrder(rows: readonly Row[], order: readonly string[]): Row[] {
  const key = (row: Row, field: string): string => String(valueAt(row, field) ?? "");
  return [...rows].sort((one, other) => {
    for (const field of order) {
      const [a, b] = [key(one, field), key(other, field)];
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  });
}

/** Names are the same in whatever case; a path leads over relations. */
export function valueAt(row: Row, path: string): unknown {
  const [head = "", ...rest] = path.split(".");
  const name = Object.keys(row).find((key) => key.toLowerCase() === head.toLowerCase());
  const value = name === undefined ? undefined : row[name];
  return rest.length === 0 || typeof value !== "object" || value === null
    ? value
    : valueAt(value as Row, rest.join("."));
}

function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.trimEnd().length) {
    const [, text, time, word, sign] = TOKEN.exec(query) ?? [];
    if (text !== undefined) tokens.push({ kind: "text", text: text.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (time !== undefined) tokens.push({ kind: "time", text: time });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else throw new MalformedQuery("unexpected character");
  }
  return tokens;
}

function comparable(value: unknown, kind: Token["kind"]): number | string {
  return kind === "time" ? Date.parse(String(value).replace("+0000", "Z")) : String(value);
}

function compares(own: number | string, sign: string, bound: number | string): boolean {
  switch (sign) {
    case "=":
      return own === bound;
    case "!=":
      return own !== bound;
    case ">":
      return own > bound;
    case ">=":
      return own >= bound;
    case "<":
      return own < bound;
    case "<=":
      return own <= bound;
    default:
      throw new MalformedQuery(`unexpected token: '${sign}'`);
  }
}
