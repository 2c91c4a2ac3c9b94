// The billing run: what would be made is shown first; what is confirmed is made, client by client.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { Billing, type BillingProgress, type BillingResult, type BillingSummary } from "../../gen/raschet/invoicing/v1/billing_pb";
import { fromIso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amounts } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import { Figure, Figures } from "../../ui/Figure";
import { useStream, type Work } from "../../ui/useStream";
import { Progress } from "./Progress";
import { Results } from "./Results";
import { useBillingTexts } from "./texts";

const billing = createClient(Billing, transport);
const route = getRouteApi("/shell/billing");
/** A run takes as long as it takes. */
const NO_LIMIT = 0;

interface Told {
  done: bigint;
  total: bigint;
  results: BillingResult[];
  summary: BillingSummary | undefined;
}

function add(told: Told, message: BillingProgress): Told {
  told.results.push(...message.results);
  return { ...told, done: message.clientsDone, total: message.clientsTotal, summary: message.summary };
}

/** Today here: the field is only a proposal. */
const today = () => new Date().toLocaleDateString("sv", { timeZone: "Europe/Moscow" });

export function Run() {
  const own = useBillingTexts();
  const { date = today() } = route.useSearch();
  const navigate = route.useNavigate();
  const [dry, setDry] = useState(true);
  const work = useStream<BillingProgress, Told>(() => ({ done: 0n, total: 0n, results: [], summary: undefined }), add);
  const plan = (event: FormEvent) => {
    event.preventDefault();
    setDry(true);
    void work.start((signal) => billing.runBilling({ date: fromIso(date), dryRun: true }, { signal, timeoutMs: NO_LIMIT }));
  };
  const change = (value: string) => {
    work.reset();
    void navigate({ search: { view: "run", date: value }, replace: true });
  };
  return (
    <Stack>
      <Text size="sm" maw={720}>{own.planText}</Text>
      <Group component="form" align="end" onSubmit={plan}>
        <TextInput type="date" label={own.date} description={own.dateHint} value={date} required
          onChange={(event) => change(event.currentTarget.value)} />
        <Button type="submit" variant={work.state ? "default" : "filled"} loading={work.busy && dry} disabled={work.busy}>{own.plan}</Button>
      </Group>
      {work.failure !== undefined && <Failure error={work.failure} />}
      {work.state && <Outcome told={work.state} work={work} dry={dry} date={date} begin={() => setDry(false)} />}
    </Stack>
  );
}

interface OutcomeProps {
  told: Told;
  work: Work<Told>;
  dry: boolean;
  date: string;
  begin: () => void;
}

function Outcome({ told, work, dry, date, begin }: OutcomeProps) {
  const own = useBillingTexts();
  const { summary } = told;
  return (
    <Stack>
      <Progress done={told.done} total={told.total} busy={work.busy} />
      {summary && (summary.invoices > 0n || summary.problems > 0n)
        ? <Summary summary={summary} results={told.results} dry={dry} />
        : summary && <Text role="status">{own.nothing}</Text>}
      {summary && dry && !work.busy && summary.invoices > 0n && <Execute summary={summary} work={work} date={date} begin={begin} />}
      <Results results={told.results} dry={dry} />
    </Stack>
  );
}

function Summary({ summary, results, dry }: { summary: BillingSummary; results: BillingResult[]; dry: boolean }) {
  const own = useBillingTexts();
  const { language } = useTexts();
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

function Execute({ summary, work, date, begin }: { summary: BillingSummary; work: Work<Told>; date: string; begin: () => void }) {
  const own = useBillingTexts();
  const { language } = useTexts();
  const [asked, setAsked] = useState(false);
  // Kept over tries: a run that was begun is gone on with, not begun again.
  const [requestId] = useState(() => crypto.randomUUID());
  const run = async () => {
    setAsked(false);
    begin();
    await work.start((signal) => billing.runBilling({ date: fromIso(date), requestId }, { signal, timeoutMs: NO_LIMIT }));
  };
  const verb = own.go(Number(summary.invoices));
  return (
    <div>
      <Button onClick={() => setAsked(true)}>{verb}</Button>
      <Confirm opened={asked} close={() => setAsked(false)} title={own.sure} verb={verb} act={{ run, busy: work.busy, failure: undefined }}>
        <Text fw={600}>{amounts(summary.totals, language)}</Text>
        <Text size="sm">{own.sureText}</Text>
      </Confirm>
    </div>
  );
}
