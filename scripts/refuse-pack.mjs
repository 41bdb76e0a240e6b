/** `npm pack` and `npm publish` of the repository would ship sources that need a build. */
console.error(
  "Trunkline: this is the repository, not the package: npm run package makes that, npm run release publishes it",
);
process.exit(1);
