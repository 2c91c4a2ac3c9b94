import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { env } from "node:process";
import type { Connect, Plugin } from "vite";

// `RASCHET=http://127.0.0.1:8080 npm run dev` works against a suite that runs.
const suite = env.RASCHET ?? "http://127.0.0.1:8080";

// As the gateway does: whatever lies below an entry is a place of its screens.
const place: Connect.NextHandleFunction = (request, _, next) => {
  const entry = /^\/(console|cabinet)(?=[/?]|$)/.exec(request.url ?? "");
  if (entry && request.headers.accept?.includes("text/html")) request.url = `${entry[0]}/index.html`;
  next();
};
const places: Plugin = {
  name: "places",
  configureServer: (server) => void server.middlewares.use(place),
  configurePreviewServer: (server) => void server.middlewares.use(place),
};

export default defineConfig({
  plugins: [react(), places],
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: { input: { console: "console/index.html", cabinet: "cabinet/index.html" } },
  },
  server: { proxy: { "^/(raschet|auth|files|pay)": suite } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
