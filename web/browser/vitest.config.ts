import { defineConfig } from "vitest/config";

const test = { testTimeout: 120_000, hookTimeout: 60_000 };

// All walks share a company. Two browsers are open at a time: one works, where each walk finds what
// the one before has left; the other only looks. Then it is measured, beside nobody.
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...test, name: "walks", include: ["browser/*.lane.ts"], sequence: { groupOrder: 0 } } },
      { test: { ...test, name: "time", include: ["browser/first_data.test.ts"], sequence: { groupOrder: 1 } } },
    ],
  },
});
