// Writes docs/reference: errors.md from errors.ts, cli.md from the tree of commands, a page for each entry of a package from the docstrings.
// Usage: node scripts/reference.mjs [--check]. The API is written by TypeDoc, which has no version for TypeScript 7 and
// so is fetched with its own TypeScript when it is needed; --check leaves it out.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const reference = join(root, "docs/reference");
const check = process.argv.includes("--check");
// Entries that other packages of Tenon import, or that are started as programs.
const internal = new Set(["./internal", "./worker", "./heartbeat", "./serve"]);
mkdirSync(reference, { recursive: true });

put("errors.md", errorsPage());
run(process.execPath, [join(root, "scripts/generate-cli-reference.mjs"), ...(check ? ["--check"] : [])]);
if (!check) api();

function put(name, text) {
  const file = join(reference, name);
  if (!check) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`docs/reference/${name} is out of date. Run: npm run reference`);
    process.exitCode = 1;
  }
}

/** Sections are the comments between the codes, entries the codes with their texts. */
function errorsPage() {
  const source = readFileSync(join(root, "packages/core/src/errors.ts"), "utf8");
  const [, body] = /export const errorCodes = \{\n([\s\S]*?)\n\} as const;/.exec(source);
  const lines = [...body.matchAll(/^ {2}(?:\/\/ (.+)|([A-Z_]+):\s*"(.+)",)$/gm)];
  const text = lines.map(([, section, code, meaning]) =>
    section ? `\n## ${section}\n\n| code | meaning |\n| --- | --- |` : `| \`${code}\` | ${meaning} |`,
  );
  return `# Errors

Every failure that Tenon knows of is a \`TenonError\` with a \`code\`. Its message says what was being done, what was found and what to
do; \`error.doing\`, \`error.found\` and \`error.fix\` hold the three by themselves, \`error.cause\` what lay behind it, \`error.details\` facts
for programs. A code never changes its meaning. On the command line, \`--verbose\` adds the stack trace.

\`\`\`ts
try {
  await run(penguins);
} catch (error) {
  if (TenonError.is(error, "RUN_FAILED")) console.error(error.cause);
}
\`\`\`
${text.join("\n")}

<!-- Written by npm run reference from packages/core/src/errors.ts. -->
`;
}

/** A page for each entry of each package that people import. */
function apiPages() {
  return readdirSync(join(root, "packages")).flatMap((directory) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", directory, "package.json"), "utf8"));
    return Object.entries(manifest.exports)
      .filter(([entry, target]) => typeof target === "object" && !internal.has(entry))
      .map(([entry, target]) => ({
        name: `${manifest.name}${entry.slice(1)}`,
        page: `${[directory, ...entry.split("/").slice(1)].join("-")}.md`,
        types: join(root, "packages", directory, target.types),
      }));
  });
}

function indexPage(pages) {
  const lines = pages.map(({ name, page }) => `- [\`${name}\`](${page})`);
  return `# Reference

- [Command line](cli.md)
- [Errors](errors.md)

What each package exports:

${lines.join("\n")}
`;
}

function api() {
  const directory = mkdtempSync(join(tmpdir(), "tenon-reference-"));
  try {
    const packages = ["typedoc@0.28", "typescript@6", "typedoc-plugin-markdown@4"];
    writeFileSync(join(directory, "package.json"), "{}");
    run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], directory);
    const compilerOptions = { target: "ES2023", module: "NodeNext", strict: true, skipLibCheck: true, noEmit: true };
    const typeRoots = [join(root, "node_modules/@types")];
    const pages = apiPages();
    put("README.md", indexPage(pages));
    for (const { name, page, types } of pages) {
      writeFileSync(
        join(directory, "tsconfig.json"),
        JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots, types: ["node"] }, files: [types] }),
      );
      const options = {
        plugin: ["typedoc-plugin-markdown"],
        entryPoints: [types],
        out: join(directory, "out"),
        name,
        readme: "none",
        router: "module",
        excludeExternals: true,
        excludePrivate: true,
        disableSources: true,
        hideBreadcrumbs: true,
        hidePageHeader: true,
        parametersFormat: "table",
        interfacePropertiesFormat: "table",
        typeDeclarationFormat: "table",
        validation: false,
        logLevel: "Error",
      };
      writeFileSync(join(directory, "typedoc.json"), JSON.stringify(options));
      run(process.execPath, [join(directory, "node_modules/typedoc/bin/typedoc")], directory);
      put(page, readFileSync(join(directory, "out", "README.md"), "utf8").replace(/\n{3,}/g, "\n\n"));
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function run(program, argv, cwd = root) {
  const { status } = spawnSync(program, argv, { cwd, stdio: "inherit" });
  if (status !== 0) process.exitCode = status ?? 1;
}
