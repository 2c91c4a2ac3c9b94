import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { env } from "node:process";

// `RASCHET=http://127.0.0.1:8080 npm run dev` works against a suite that runs.
const suite = env.RASCHET ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: { input: { console: "console/index.html" } },
  },
  server: { proxy: { "^/(raschet|auth)": suite } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
