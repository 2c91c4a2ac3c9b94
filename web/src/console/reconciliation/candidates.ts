// What a line may be meant for: the machine's proposals in their order, then what a person found.
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import type { Line, Reason } from "../../gen/raschet/payments/v1/lines_pb";
import { exact } from "../../shared/money";

export interface Candidate {
  /** Unique on the screen. */
  key: string;
  /** Empty for the client's credit. */
  invoice: string;
  client: string;
  /** Evidence; empty for what a person found. */
  reasons: Reason[];
  /** Found by a person, who also knows the invoice already. */
  found?: Invoice;
}

export type Band = "high" | "medium" | "low" | "never";

/** Codes that speak for an allocation; all others speak against it (`is_obstacle` of payments-svc). */
const FOR = new Set([
  "NUMBER_EXACT", "PREFIX_NOISE", "NUMBER_PREFIXLESS", "NUMBER_SPELT", "NUMBER_SLIP", "NUMBER_BARE", "NUMBER_NAMES_CLIENT", "ONE_OF_LIST",
  "DATE_AGREES", "DATE_MENTIONED", "AMOUNT_EQUAL", "PAYER_TAX_ID", "PAYER_ACCOUNT", "ON_BEHALF", "LEARNED_RULE", "SELLER_ACCOUNT",
]);
/** Codes of a payer that the client's own profile knows. */
const OWN = new Set(["PAYER_TAX_ID", "PAYER_ACCOUNT"]);
/** Codes for which the suite refuses, whoever asks. */
const NEVER = new Set(["PAID_TO_OTHER_SELLER", "CURRENCY_DIFFERS", "INVOICE_PAID"]);
/** Codes after which nobody should accept without a second thought. */
const GRAVE = new Set(["INVOICE_CLOSED", "PAYER_DIFFERS", "UNMATCHED_BEFORE", "DATE_DIFFERS", "OTHER_INVOICE_NAMED"]);

/** What evidence says; a bare difference, of what: `amount` names it. */
export const saidBy = ({ text }: Reason, amount: string) => (/^[−+]/.test(text) ? `${amount}: ${text}` : text);

export const speaksFor = (reason: Reason) => FOR.has(reason.code);

/** How sure one can be: what names the invoice, who paid, and that nothing grave speaks against it. */
export function bandOf(reasons: Reason[]): Band {
  const has = (...codes: string[]) => reasons.some((reason) => codes.includes(reason.code));
  if (reasons.some((reason) => NEVER.has(reason.code))) return "never";
  const number = has("NUMBER_EXACT", "NUMBER_PREFIXLESS");
  const payer = has("PAYER_TAX_ID", "PAYER_ACCOUNT", "ON_BEHALF", "LEARNED_RULE", "NUMBER_NAMES_CLIENT");
  if (reasons.some((reason) => GRAVE.has(reason.code))) return "low";
  if (number && payer) return "high";
  return number || (payer && has("AMOUNT_EQUAL")) ? "medium" : "low";
}

/** The proposals of a line, best first, and behind them the credit of clients who may have paid. */
export function proposed(line: Line): Candidate[] {
  const named = line.proposals.flatMap((proposal) =>
    proposal.invoices.map((invoice) => ({ key: invoice, invoice, client: proposal.client, reasons: proposal.reasons })),
  );
  const payers = line.proposals.filter((one) => !one.reasons.some((reason) => reason.code === "PAYER_DIFFERS"));
  const clients = [...new Set(payers.map((proposal) => proposal.client))];
  const credit = clients.map((client) => ({ key: `credit/${client}`, invoice: "", client, reasons: [] }));
  return [...named, ...credit];
}

/** Whether there is a payer to remember who is not the client itself, and is not remembered yet. */
export function isForeign({ payer, proposals }: Line, { client }: Candidate): boolean {
  const evidence = proposals.filter((one) => one.client === client).flatMap((one) => one.reasons);
  const known = evidence.some(({ code }) => OWN.has(code) || code === "LEARNED_RULE");
  return client !== "" && !known && Boolean(payer?.account || payer?.taxId);
}

/** Whether the suite would take it: what is paid already takes no more. */
export const isPossible = (candidate: Candidate, invoice: Invoice | undefined) =>
  bandOf(candidate.reasons) !== "never" && (candidate.invoice === "" || invoice === undefined || exact(invoice.residual) > 0n);

/** What becomes of money that is set against an invoice. */
export interface Effect {
  /** Σ that pays the invoice, in billionths. */
  pays: bigint;
  /** What the client keeps as credit. */
  credit: bigint;
  /** What is left to pay of the invoice. */
  left: bigint;
}

export function effect(line: Line, invoice: Invoice | undefined): Effect {
  const money = exact(line.unallocated);
  const due = invoice ? exact(invoice.residual) : 0n;
  const pays = money < due ? money : due;
  return { pays, credit: money - pays, left: due - pays };
}

/** Where the purpose names the invoice: its text in parts, every second one named. */
export function marked(purpose: string, number: string): string[] {
  const tail = number.includes("#") ? number.slice(number.indexOf("#") + 1) : number;
  const wanted = [number, tail].filter((part) => part.length >= 3);
  for (const part of wanted) {
    const pattern = part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const parts = purpose.split(new RegExp(`(${pattern})(?!\\d)`, "i"));
    if (parts.length > 1) return parts;
  }
  return [purpose];
}

/** The line after this one; the one before at the end of the list; nothing in an empty one. */
export function neighbour(lines: Line[], name: string | undefined, step: 1 | -1): string | undefined {
  const at = lines.findIndex((line) => line.name === name);
  if (at < 0) return lines[0]?.name;
  return (lines[at + step] ?? lines[at])?.name;
}
