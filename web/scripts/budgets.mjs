// Issue 4: the console's shell weighs at most 230 kB of packed scripts, a page of its own 70.
import { readFileSync, readdirSync, statSync } from "node:fs";

const SHELL = 230_000;
const PAGE = 70_000;
const html = readFileSync("dist/console/index.html", "utf8");
let shell = 0;
let failed = false;
for (const name of readdirSync("dist/assets").filter((name) => name.endsWith(".js"))) {
  const size = statSync(`dist/assets/${name}.gz`).size;
  if (html.includes(name)) shell += size;
  else if (size > PAGE) {
    console.error(`${name} weighs ${size} bytes, more than ${PAGE}`);
    failed = true;
  }
}
console.log(`the console's shell weighs ${shell} of ${SHELL} bytes`);
if (failed || shell > SHELL) process.exit(1);
