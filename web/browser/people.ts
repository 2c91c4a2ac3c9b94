// Who walks: the demo's member of staff and its customer.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { env } from "node:process";
import { expect } from "vitest";
import type { Window } from "./browser";

export interface Login {
  login: string;
  password: string;
}

/** `demo.json` in the directory of a demo that runs: who may log in. */
const file = env.RASCHET_DEMO ?? "RASCHET_DEMO names no demo.json";

export const demo: { staff: Login; customer: Login } = JSON.parse(readFileSync(file, "utf8"));
/** The statement that waits beside it. */
export const waiting = `${dirname(file)}/kl_to_1c.txt`;

/** Logs in at a door, `/console/login` or `/cabinet`. */
export async function enter({ page }: Window, door: string, { login, password }: Login): Promise<void> {
  await page.goto(door);
  await page.locator("input[type=email]").fill(login);
  await page.locator("input[type=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.locator("form input[type=password]").waitFor({ state: "detached" });
}

/** Waits until what is asked for is there. */
export async function settled({ page }: Window): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
  const loading = page.locator(".mantine-Skeleton-root, [aria-busy=true]");
  await expect.poll(() => loading.count(), { timeout: 15_000 }).toBe(0);
}
