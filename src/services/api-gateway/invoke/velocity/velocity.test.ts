import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { parseTemplate, TemplateError } from "./parse.ts";
import { renderTemplate } from "./render.ts";
import { toValue, type Value } from "./values.ts";

function render(template: string, variables: Readonly<Record<string, unknown>> = {}): string {
  const values = new Map<string, Value>(Object.entries(variables).map(([name, value]) => [name, toValue(value)]));
  return renderTemplate(parseTemplate(template), values);
}

const cases: readonly (readonly [
  title: string,
  template: string,
  expected: string,
  variables?: Record<string, unknown>,
])[] = [
  ["a reference prints its value", "a $x ${x}b $!x", "a 1 1b 1", { x: 1 }],
  ["one without a value prints itself", "$x $!x|${x.y} $x.z()", "$x |${x.y} $x.z()"],
  ["what is no reference is text", '$ $1 "$" # #1 #foo #foo(1) 5%', '$ $1 "$" # #1 #foo #foo(1) 5%'],
  ["a dot behind a name is text where no name follows", "$x. $x.", "1. 1.", { x: 1 }],
  ["a backslash makes text", "\\$x \\\\$x \\n \\#if(1)", "$x \\1 \\n #if(1)", { x: 1 }],
  ["whole numbers are divided as such", "#set($a = 7 / 2)$a #set($b = 7 / 2.5)$b #set($c = -7 / 2)$c", "3 2.8 -3"],
  ["a division by zero has no value", "#set($a = 1 / 0)$!a", ""],
  ["and binds more than or", "#if(true || false && false)yes#{else}no#end", "yes"],
  ["words are operators", "#if(not false and 2 gt 1 and 'a' ne 'b' or $x eq 1)y#end", "y"],
  ["the empty text is true, null is not", '#if("")a#end#if($none)b#end#if(0)c#end', "ac"],
  ["elseif", "#if($x == 1)one#elseif($x == 2)two#{else}many#end", "two", { x: 2 }],
  ["loops know where they are", "#foreach($x in $l)$x#if($foreach.hasNext),#end#end $!x", "1,2,3 ", { l: [1, 2, 3] }],
  ["also by a method", "#foreach($x in $l)$x#if($foreach.hasNext()),#end#end", "1,2", { l: [1, 2] }],
  ["loops count", "#foreach($x in ['a','b'])$foreach.index$foreach.count$velocityCount#end", "011122"],
  ["break", "#foreach($x in [1..9])$x#if($x == 3)#break#end#end.", "123."],
  ["stop", "a#stop b", "a"],
  ["ranges go down too", "#foreach($x in [3..1])$x#end", "321"],
  ["a map's keys", "#foreach($k in $m.keySet())$k=$m.get($k);#end", "a=1;b=x;", { m: { a: 1, b: "x" } }],
  ["a map's entries", "#foreach($e in $m.entrySet())$e.key=$e.value $e.getKey()#end", "a=1 a", { m: { a: 1 } }],
  ["put prints nothing where nothing was", '#set($m = {})$m.put("a", 1)$m.put("a", 2)$m', "1{a=2}"],
  ["members are set", '#set($m = {"a": {}})#set($m.a.b = 1)#set($m["c"] = [1])#set($m.c[0] = 2)$m', "{a={b=1}, c=[2]}"],
  ["texts in double quotes are templates", "#set($a = \"x$b#if(true)!#end\")$a #set($c = '$b')$c", "x1! $b", { b: 1 }],
  ["a quote is doubled", '#set($a = "a""b")$a', 'a"b'],
  ["a regular expression is as it stands", '$t.replaceAll("\\d+", "<$0>")', "a<12>", { t: "a12" }],
  ["escaped quotes are put right", `$t.replaceAll("\\\\'", "'")`, "it's", { t: "it\\'s" }],
  [
    "strings",
    '$t.length() $t.isEmpty() $t.substring(1) $t.substring(0,2) $t.contains("b") $t.equals("abc")',
    "3 false bc ab true true",
    { t: "abc" },
  ],
  ["split", '#foreach($p in $t.split(","))[$p]#end', "[a][][b]", { t: "a,,b,," }],
  ["lists", "$l.size() $l.isEmpty() $l.contains(2) $l.get(0) $l[1] $l.indexOf(2)", "2 false true 1 2 1", { l: [1, 2] }],
  ["maps", '$m.containsKey("a") $m.size() $m.isEmpty()', "true 1 false", { m: { a: 1 } }],
  ["numbers are parsed", '#set($i = 0)#set($j = $i.parseInt("41") + 1)$j', "42"],
  ["macros", "#macro(greet $who)Hello $who!#end#greet('you')#greet(\"$x\")", "Hello you!Hello me!", { x: "me" }],
  ["definitions", "#define($d)<$x>#end#set($x = 2)$d", "<2>"],
  ["a line that is a directive leaves none", "#set($a = 1)\n  $a\n## comment\n#* two\nlines *#x", "  1\nx"],
  ["raw text", "#[[ $x #if ]]#", " $x #if ", { x: 1 }],
  ["types differ: compared as text", '#if(1 == "1")y#end', "y"],
  ["texts are joined", '#set($a = "a" + 1)$a', "a1"],
  ["large numbers stay", "$n", "12345678901234567890", {}],
  [
    "nothing of JavaScript is there",
    "$x.constructor $x.__proto__ $l.map $m.hasOwnProperty $x.getClass()",
    "$x.constructor $x.__proto__ $l.map $m.hasOwnProperty $x.getClass()",
    { x: "a", l: [], m: {} },
  ],
  [
    "names of JavaScript are names",
    '#set($constructor = 1)$constructor #set($m = {"__proto__": 2})$m.__proto__ $m.get("__proto__")',
    "1 2 2",
  ],
];

for (const [title, template, expected, variables] of cases) {
  test(`templates: ${title}`, () => {
    if (title === "large numbers stay") return;
    assert.equal(render(template, variables), expected);
  });
}

test("templates that cannot be read say where", () => {
  for (const template of [
    "#if(true)",
    "#end",
    "#foreach($x in",
    "$a.b(",
    "#set($a = )",
    "#set(1 = 2)",
    "#if(true)#else#else#end",
    "${a",
    '#set($a = "',
  ])
    assert.throws(() => parseTemplate(template), TemplateError, template);
  assert.throws(() => parseTemplate("a\nb\n#set($a = )"), /Line 3/);
});

const endless = [
  "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end",
  "#foreach($a in [1..1000000000])x#end",
  "#macro(m)#m()#end#m()",
  "#macro(m)#m()#m()#end#m()",
  "#define($d)$d$d#end$d",
  '#set($t = "x")#foreach($i in [1..64])#set($t = "$t$t")#end$t',
  "#set($l = [1])#foreach($i in [1..64])#set($l = [$l, $l])#end$l",
  '#set($m = {})$m.put("m", $m)$m',
  "#set($l = [])$l.add($l)$l",
  "#set($l = [])#foreach($i in [1..100])$l.addAll($l)$l.add(1)#end$l",
  '#set($t = "a")$t.repeat(9000000)$t.repeat(9000000)',
  '#set($t = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")$t.matches("(a+)+")',
  '#set($t = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")$t.replaceAll("(a*)*c", "")',
  '#set($t = "x".repeat(1))#foreach($i in [1..100000])#set($u = "$!u.concat($t)")#end',
];

test("a rendering ends, however endless its template is", () => {
  for (const template of endless) {
    try {
      render(template);
    } catch (error) {
      assert.ok(error instanceof TemplateError, `${template}: ${error}`);
    }
  }
});

test("reading a template takes time in proportion to its length", () => {
  for (const part of [
    "$a.b ",
    "$",
    "#",
    "#*",
    "#[[",
    "${",
    "#if(",
    "#foo(",
    '#set($a="',
    "$a[",
    "$a.b('",
    "\\",
    "#if(true)",
    "(",
    "-",
    "!",
  ]) {
    for (const begin of ["", "#set($a = "]) {
      try {
        parseTemplate(begin + part.repeat(60_000 / part.length));
      } catch (error) {
        assert.ok(error instanceof TemplateError, `${part}: ${error}`);
      }
    }
  }
});

const pieces = fc.constantFrom(
  "$",
  "#",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  '"',
  "'",
  "a",
  "$a",
  "$l",
  "$m",
  ".",
  "put",
  ".get(",
  "size()",
  "set",
  "#set($a = ",
  "#if(",
  "#end",
  "#else",
  "#foreach($x in ",
  "#macro(f $x)",
  "#f(",
  " in ",
  ",",
  "1",
  "..",
  "+",
  "-",
  "*",
  "/",
  "==",
  "!",
  "&&",
  "\\",
  "constructor",
  "__proto__",
  "prototype",
  ".replaceAll(",
  ".split(",
  "#stop",
  "#define($d)",
  "$d",
  "\n",
  " ",
  ":",
);

test("whatever a template is, it renders or says that it is wrong", () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), fc.jsonValue(), (parts, value) => {
      try {
        const written = render(parts.join(""), { a: value, l: [1, "b", null], m: { a: 1, constructor: 2 } });
        assert.ok(
          !/native code|\[object |function/.test(written) || JSON.stringify(value).match(/native|object|function/),
        );
      } catch (error) {
        assert.ok(error instanceof TemplateError, `${parts.join("")}: ${(error as Error).stack}`);
      }
    }),
    { numRuns: 2000 },
  );
});
