// Issue 4: of packed scripts the console's shell weighs at most 230 kB, a page of its own 70, and
// the cabinet's first load 190; it loads nothing that only the console needs.
import { readFileSync, readdirSync, statSync } from "node:fs";

const SHELLS = { console: 230_000, cabinet: 190_000 };
const PAGE = 70_000;
const weigh = (name) => statSync(`dist/assets/${name}.gz`).size;
const scripts = readdirSync("dist/assets").filter((name) => name.endsWith(".js"));
const loaded = (area) => {
  const html = readFileSync(`dist/${area}/index.html`, "utf8");
  return scripts.filter((name) => html.includes(name));
};
const failures = [];
const atOnce = new Set();
for (const [area, most] of Object.entries(SHELLS)) {
  const names = loaded(area);
  const weight = names.reduce((sum, name) => sum + weigh(name), 0);
  names.forEach((name) => atOnce.add(name));
  console.log(`the ${area}'s first load weighs ${weight} of ${most} bytes`);
  if (weight > most) failures.push(`the ${area}'s first load is too heavy`);
}
for (const name of scripts.filter((name) => !atOnce.has(name) && weigh(name) > PAGE)) {
  failures.push(`${name} weighs ${weigh(name)} bytes, more than ${PAGE}`);
}
// Mantine's components tell their names: the table's is in a chunk of the console's.
const withTable = scripts.filter((name) => readFileSync(`dist/assets/${name}`, "utf8").includes("@mantine/core/TableScrollContainer"));
if (withTable.length === 0) failures.push("no chunk holds the table: look for it by another name");
for (const name of loaded("cabinet").filter((name) => withTable.includes(name))) {
  failures.push(`the cabinet loads the console's table with ${name}`);
}
failures.forEach((failure) => console.error(failure));
if (failures.length > 0) process.exit(1);
