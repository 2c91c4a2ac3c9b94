// What only looks: see `vitest.config.ts`.
import "./pages.test";
