// What changes the company, one walk after another: see `vitest.config.ts`.
import "./main_job.test";
import "./console.test";
import "./run_errors.test";
import "./plans.test";
import "./desk.test";
import "./rarely.test";
import "./keyboard.test";
import "./cabinet.test";
