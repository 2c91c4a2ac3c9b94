// Who walks: the demo's member of staff and its customer.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { env } from "node:process";
import type { Cookie } from "playwright-core";
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

/** Who is in already: the door was passed once, as a person passes it, and the browser remembers. */
const inside = new Map<string, Cookie[]>();

/** Logs in at a door, `/console/login` or `/cabinet`; with what the browser remembers, where it does. */
export async function enter({ page }: Window, door: string, { login, password }: Login): Promise<void> {
  const context = page.context();
  const known = inside.get(login);
  if (known) {
    await context.addCookies(known);
    await page.goto(door.replace("/login", ""));
    return;
  }
  await page.goto(door);
  await page.locator("input[type=email]").fill(login);
  await page.locator("input[type=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.locator("form input[type=password]").waitFor({ state: "detached" });
  inside.set(login, await context.cookies());
}

/** Waits until what is asked for is there, and nothing more is asked for. */
export async function settled({ page, asked }: Window): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
  const loading = page.locator(".mantine-Skeleton-root, [aria-busy=true]");
  let quiet = 0;
  const waits = async () => {
    quiet = asked.size === 0 && (await loading.count()) === 0 ? quiet + 1 : 0;
    return quiet;
  };
  await expect.poll(waits, { timeout: 15_000, interval: 40 }).toBeGreaterThan(2);
}
