/**
 * SOQL for what a flow wants: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
 *
 * Records come in the order of the field that the window is of, and of their ids: so a reader that knows the last one that it has had can go on behind it.
 */
import { SourceError, type SourceWindow } from "../connector.ts";

export interface SoqlQuery {
  readonly object: string;
  /** Of each record, whether or not they are wanted. */
  readonly fields: readonly string[];
  readonly window?: SourceWindow | undefined;
  readonly after?: SoqlPlace | undefined;
}

/** A record's place in the order of the query. */
export interface SoqlPlace {
  readonly id: string;
  /** The value of the window's field, where there is one. */
  readonly at?: string | undefined;
}

/** In whose order records come that are not asked for by another field. */
export const DEFAULT_WINDOW_FIELD = "SystemModstamp";

/** Without an order: for a job, which gives what it has found in pages that stay. */
export function soqlWithoutOrder({ object, fields, window, after }: SoqlQuery): string {
  const conditions = [...windowConditions(window), ...placeConditions(window, after)];
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${fields.map(soqlName).join(",")} FROM ${soqlName(object)}${where}`;
}

export function soql(query: SoqlQuery): string {
  const order = query.window ? `${windowField(query.window)},Id` : "Id";
  return `${soqlWithoutOrder(query)} ORDER BY ${order}`;
}

/** A name as it may stand in a query, a path over relations (`Account.Name`) included. Throws `SourceError`. */
export function soqlName(name: string): string {
  if (/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(name)) return name;
  throw new SourceError("REQUEST", `${name.slice(0, 100)} is no name of an object or a field of Salesforce`);
}

function windowConditions(window: SourceWindow | undefined): readonly string[] {
  if (!window) return [];
  const { fromMs, toMs } = window;
  const field = windowField(window);
  return [...(fromMs === undefined ? [] : [`${field} >= ${wholeSecond(fromMs)}`]), `${field} < ${wholeSecond(toMs)}`];
}

function placeConditions(window: SourceWindow | undefined, after: SoqlPlace | undefined): readonly string[] {
  if (!after) return [];
  const behindId = `Id > ${soqlText(after.id)}`;
  if (!window || after.at === undefined) return [behindId];
  const field = windowField(window);
  const at = soqlTime(after.at);
  return [`(${field} > ${at} OR (${field} = ${at} AND ${behindId}))`];
}

function windowField({ field = DEFAULT_WINDOW_FIELD }: SourceWindow): string {
  return soqlName(field);
}

/**
 * Times of Salesforce are whole seconds, and so are its literals: both ends of a window go up to the next one, so that what is before the one end is not
 * after the other.
 */
function wholeSecond(ms: number): string {
  return soqlTime(new Date(Math.ceil(ms / 1000) * 1000).toISOString());
}

/** A time as a literal. */
function soqlTime(text: string): string {
  return new Date(soqlMs(text)).toISOString().replace(".000Z", "Z");
}

/** A time as Salesforce writes it: `2024-06-10T15:04:05.000+0000`. Throws `SourceError`. */
export function soqlMs(text: string): number {
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (Number.isNaN(ms)) throw new SourceError("DATA", `Salesforce gives ${text.slice(0, 40)} for a time`);
  return ms;
}

/** https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm */
function soqlText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`;
}
