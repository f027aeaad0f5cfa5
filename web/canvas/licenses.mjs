// Writes what the makers of the bundle's parts ask to be told with it: each package that the lock marks as needed to run
// (types aside), with its licence's own words. Packages that share a text stand above it together.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CHOSEN = { "EPL-2.0 OR GPL-3.0-or-later": "EPL-2.0" }; // where its makers leave the choice
const read = (...path) => readFileSync(join(...path), "utf8");

function source({ repository, homepage }) {
  const given = typeof repository === "string" ? repository : (repository?.url ?? homepage ?? "");
  const short = /^(github:)?([\w.-]+\/[\w.-]+)$/.exec(given);
  return short ? `https://github.com/${short[2]}` : given.replace(/^git\+/, "").replace(/^(git|ssh):\/\/(git@)?/, "https://").replace(/\.git$/, "");
}

function notice(folder) {
  const about = JSON.parse(read(folder, "package.json"));
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => /^(licen[cs]e|notice|copying)/i.test(name))
    .flatMap((one) => (one.isDirectory() ? readdirSync(join(folder, one.name)).map((name) => join(one.name, name)) : [one.name])) // of what is inside of it
    .sort();
  const maker = typeof about.author === "string" ? about.author : about.author?.name;
  const words = texts.map((name) => read(folder, name).trim()).join("\n\n") || `Copyright (c) ${maker ?? about.name}. Licensed under ${about.license}.`;
  const choice = CHOSEN[about.license] ? ` (used under ${CHOSEN[about.license]})` : "";
  return { title: `${about.name} ${about.version} · ${about.license}${choice}\n  ${source(about)}`, words };
}

const packages = Object.entries(JSON.parse(read("package-lock.json")).packages)
  .filter(([folder, { dev, devOptional }]) => folder && !dev && !devOptional && !folder.startsWith("node_modules/@types/"))
  .map(([folder]) => notice(folder));
const together = Map.groupBy(packages, ({ words }) => words);
const parts = [...together].map(([words, same]) => `${same.map(({ title }) => title).join("\n")}\n\n${words}\n`);
const rule = `\n${"-".repeat(100)}\n\n`;
const head = "The canvas contains the work of others. Their names, where their sources are found, and their licences:\n";
writeFileSync(process.argv[2], [head, ...parts].join(rule));
