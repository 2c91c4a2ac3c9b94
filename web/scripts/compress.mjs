// Puts a .gz beside each built file: the gateway sends it to who takes it. Gives back what vite
// emptied away: the file that keeps the directory in the repository.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

for (const name of readdirSync("dist", { recursive: true })) {
  if (!/\.(js|css|html|svg)$/.test(name)) continue;
  writeFileSync(`dist/${name}.gz`, gzipSync(readFileSync(`dist/${name}`), { level: 9 }));
}
writeFileSync(
  "dist/.gitignore",
  "# What vite builds stands here; the directory exists for the gateway, which looks into it.\n*\n!.gitignore\n",
);
