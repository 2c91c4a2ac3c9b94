// The billing run: what would be made is shown first; what is confirmed is made, client by client.
import { createClient } from "@connectrpc/connect";
import { Text, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Billing, type BillingProgress, type BillingResult, type BillingSummary } from "../../gen/raschet/invoicing/v1/billing_pb";
import { fromIso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amounts } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Figure, Figures } from "../../ui/Figure";
import { useStream } from "../../ui/useStream";
import { Planned, type Told } from "./Planned";
import { Results } from "./Results";
import { useBillingTexts } from "./texts";

const billing = createClient(Billing, transport);
const route = getRouteApi("/shell/billing");

interface Billed extends Told<BillingSummary> {
  results: BillingResult[];
}

function add(told: Billed, message: BillingProgress): Billed {
  told.results.push(...message.results);
  return { ...told, done: message.clientsDone, total: message.clientsTotal, summary: message.summary };
}

/** Today here: the field is only a proposal. */
const today = () => new Date().toLocaleDateString("sv", { timeZone: "Europe/Moscow" });

export function Run() {
  const own = useBillingTexts();
  const { date = today() } = route.useSearch();
  const navigate = route.useNavigate();
  const work = useStream<BillingProgress, Billed>(() => ({ done: 0n, total: 0n, results: [], summary: undefined }), add);
  const change = (value: string) => {
    work.reset();
    void navigate({ search: { view: "run", date: value }, replace: true });
  };
  const words = {
    text: own.planText,
    plan: own.plan,
    verb: (summary: BillingSummary) => own.go(Number(summary.invoices)),
    sure: own.sure,
    sureText: own.sureText,
  };
  return (
    <Planned work={work} words={words} any={(summary: BillingSummary) => summary.invoices > 0n}
      call={(call, options) => billing.runBilling({ date: fromIso(date), ...call }, options)}
      field={<TextInput type="date" label={own.date} description={own.dateHint} value={date} required
        onChange={(event) => change(event.currentTarget.value)} />}
      figures={(told, dry) => <Summary told={told} dry={dry} />}
      details={(told, dry) => <Results results={told.results} dry={dry} />} />
  );
}

function Summary({ told: { summary, results }, dry }: { told: Billed; dry: boolean }) {
  const own = useBillingTexts();
  const { language } = useTexts();
  if (!summary) return null;
  if (summary.invoices === 0n && summary.problems === 0n) return <Text role="status">{own.nothing}</Text>;
  const held = results.filter((result) => result.held).length;
  const problems = Number(summary.problems);
  return (
    <Figures>
      <Figure name={dry ? own.willBe : own.made} value={own.invoices(Number(summary.invoices))} tone={dry ? undefined : "good"}
        note={[own.clients(Number(summary.clients)), held > 0 && own.ofThemHeld(held)].filter(Boolean).join(", ")} />
      <Figure name={own.sum} value={amounts(summary.totals, language) || "—"} note={own.lines(Number(summary.lines))} />
      <Figure name={own.problems} value={problems} tone={problems ? "bad" : "quiet"} note={problems ? own.problemsNote : own.noProblems} />
    </Figures>
  );
}
