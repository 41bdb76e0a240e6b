/** Biome lints; this adds what needs types, and what is ours alone. */
import tseslint from "typescript-eslint";

const clockBan = [
  ["CallExpression[callee.object.name='Date'][callee.property.name='now']", "Take the time from a Clock or WallClock."],
  ["NewExpression[callee.name='Date'][arguments.length=0]", "Take the time from a Clock or WallClock."],
  ["CallExpression[callee.object.name='Math'][callee.property.name='random']", "Take chance from Ids."],
  [
    "CallExpression[callee.object.name='performance'][callee.property.name='now']",
    "Measure with WallClock.monotonicMs().",
  ],
  ["CallExpression[callee.name=/^(setTimeout|setInterval)$/]", "Wait with Clock.wakeAt or WallClock.after."],
  ["CallExpression[callee.name=/^(randomUUID|randomBytes|randomInt)$/]", "Take ids from Ids."],
].map(([selector, message]) => ({ selector, message }));

export default [
  { ignores: ["node_modules/", "examples/", "**/*.mjs"] },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            {
              from: "package",
              package: "node:test",
              name: ["test", "describe", "it", "suite", "before", "after", "beforeEach", "afterEach"],
            },
          ],
        },
      ],
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/time/**", "src/**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...clockBan] },
  },
];
