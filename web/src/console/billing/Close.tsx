// The close of a month: the acts that would be made, then the acts that were made.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { Billing, type Act, type CloseProgress, type CloseSummary } from "../../gen/raschet/invoicing/v1/billing_pb";
import { fromIso, iso, shifted } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amounts } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import { Figure, Figures } from "../../ui/Figure";
import { useStream, type Work } from "../../ui/useStream";
import { ActTable } from "./ActTable";
import { Progress } from "./Progress";
import { useBillingTexts } from "./texts";

const billing = createClient(Billing, transport);
const route = getRouteApi("/shell/billing");
const NO_LIMIT = 0;
/** Acts on the screen: their sums count all of them. */
const SHOWN = 50;

interface Told {
  done: bigint;
  total: bigint;
  acts: Act[];
  summary: CloseSummary | undefined;
}

function add(told: Told, message: CloseProgress): Told {
  const room = SHOWN - told.acts.length;
  if (room > 0) told.acts.push(...message.acts.slice(0, room));
  return { ...told, done: message.clientsDone, total: message.clientsTotal, summary: message.summary };
}

/** The month before this one: a month is closed when it is over. */
function before(): string {
  const today = fromIso(new Date().toLocaleDateString("sv", { timeZone: "Europe/Moscow" }));
  return today ? iso(shifted(today, -today.day)).slice(0, 7) : "";
}

export function Close() {
  const own = useBillingTexts();
  const { month = before() } = route.useSearch();
  const navigate = route.useNavigate();
  const [dry, setDry] = useState(true);
  const work = useStream<CloseProgress, Told>(() => ({ done: 0n, total: 0n, acts: [], summary: undefined }), add);
  const first = fromIso(`${month}-01`);
  const plan = (event: FormEvent) => {
    event.preventDefault();
    setDry(true);
    void work.start((signal) => billing.closeMonth({ month: first, dryRun: true }, { signal, timeoutMs: NO_LIMIT }));
  };
  const change = (value: string) => {
    work.reset();
    void navigate({ search: { view: "close", month: value }, replace: true });
  };
  return (
    <Stack>
      <Text size="sm" maw={720}>{own.closeText}</Text>
      <Group component="form" align="end" onSubmit={plan}>
        <TextInput type="month" label={own.month} value={month} required onChange={(event) => change(event.currentTarget.value)} />
        <Button type="submit" variant={work.state ? "default" : "filled"} loading={work.busy && dry} disabled={work.busy}>{own.closePlan}</Button>
      </Group>
      {work.failure !== undefined && <Failure error={work.failure} />}
      {work.state && <Outcome told={work.state} work={work} dry={dry} month={month} begin={() => setDry(false)} />}
    </Stack>
  );
}

interface OutcomeProps {
  told: Told;
  work: Work<Told>;
  dry: boolean;
  month: string;
  begin: () => void;
}

function Outcome({ told, work, dry, month, begin }: OutcomeProps) {
  const own = useBillingTexts();
  const { language } = useTexts();
  const { summary } = told;
  return (
    <Stack>
      <Progress done={told.done} total={told.total} busy={work.busy} />
      {summary && summary.acts === 0n && <Text role="status">{own.closeNothing}</Text>}
      {summary && summary.acts > 0n && (
        <Figures>
          <Figure name={dry ? own.willBeActs : own.madeActs} value={own.acts(Number(summary.acts))} tone={dry ? undefined : "good"} />
          <Figure name={own.sum} value={amounts(summary.totals, language)} />
        </Figures>
      )}
      {summary && dry && !work.busy && summary.acts > 0n && <Execute summary={summary} work={work} month={month} begin={begin} />}
      {told.acts.length > 0 && <ActTable rows={told.acts} error={undefined} retry={() => undefined} />}
      {summary && Number(summary.acts) > told.acts.length && (
        <Text size="sm" c="dimmed">{own.shown(told.acts.length, Number(summary.acts))}</Text>
      )}
    </Stack>
  );
}

function Execute({ summary, work, month, begin }: { summary: CloseSummary; work: Work<Told>; month: string; begin: () => void }) {
  const own = useBillingTexts();
  const { language } = useTexts();
  const [asked, setAsked] = useState(false);
  const [requestId] = useState(() => crypto.randomUUID());
  const run = async () => {
    setAsked(false);
    begin();
    const first = fromIso(`${month}-01`);
    await work.start((signal) => billing.closeMonth({ month: first, requestId }, { signal, timeoutMs: NO_LIMIT }));
  };
  const verb = own.goClose(Number(summary.acts));
  return (
    <div>
      <Button onClick={() => setAsked(true)}>{verb}</Button>
      <Confirm opened={asked} close={() => setAsked(false)} title={own.sureClose} verb={verb} act={{ run, busy: work.busy, failure: undefined }}>
        <Text fw={600}>{amounts(summary.totals, language)}</Text>
        <Text size="sm">{own.sureCloseText}</Text>
      </Confirm>
    </div>
  );
}
