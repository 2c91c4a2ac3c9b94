// The close of a month: the acts that would be made, then the acts that were made.
import { createClient } from "@connectrpc/connect";
import { Text, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Billing, type Act, type CloseProgress, type CloseSummary } from "../../gen/raschet/invoicing/v1/billing_pb";
import { fromIso, iso, shifted } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amounts } from "../../shared/money";
import { transport } from "../../shared/transport";
import { Figure, Figures } from "../../ui/Figure";
import { useStream } from "../../ui/useStream";
import { ActTable } from "./ActTable";
import { Planned, type Told } from "./Planned";
import { useBillingTexts } from "./texts";

const billing = createClient(Billing, transport);
const route = getRouteApi("/shell/billing");
/** Acts on the screen: their sums count all of them. */
const SHOWN = 50;

interface Closed extends Told<CloseSummary> {
  acts: Act[];
}

function add(told: Closed, message: CloseProgress): Closed {
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
  const work = useStream<CloseProgress, Closed>(() => ({ done: 0n, total: 0n, acts: [], summary: undefined }), add);
  const change = (value: string) => {
    work.reset();
    void navigate({ search: { view: "close", month: value }, replace: true });
  };
  const words = {
    text: own.closeText,
    plan: own.closePlan,
    verb: (summary: CloseSummary) => own.goClose(Number(summary.acts)),
    sure: own.sureClose,
    sureText: own.sureCloseText,
  };
  return (
    <Planned work={work} words={words} any={(summary: CloseSummary) => summary.acts > 0n}
      call={(call, options) => billing.closeMonth({ month: fromIso(`${month}-01`), ...call }, options)}
      field={<TextInput type="month" label={own.month} value={month} required onChange={(event) => change(event.currentTarget.value)} />}
      figures={(told, dry) => <Summary summary={told.summary} dry={dry} />}
      details={(told) => <Acts told={told} />} />
  );
}

function Summary({ summary, dry }: { summary: CloseSummary | undefined; dry: boolean }) {
  const own = useBillingTexts();
  const { language } = useTexts();
  if (!summary) return null;
  if (summary.acts === 0n) return <Text role="status">{own.closeNothing}</Text>;
  return (
    <Figures>
      <Figure name={dry ? own.willBeActs : own.madeActs} value={own.acts(Number(summary.acts))} tone={dry ? undefined : "good"} />
      <Figure name={own.sum} value={amounts(summary.totals, language)} />
    </Figures>
  );
}

function Acts({ told: { acts, summary } }: { told: Closed }) {
  const own = useBillingTexts();
  const all = Number(summary?.acts ?? 0n);
  return (
    <>
      {acts.length > 0 && <ActTable rows={acts} error={undefined} retry={() => undefined} />}
      {all > acts.length && <Text size="sm" c="dimmed">{own.shown(acts.length, all)}</Text>}
    </>
  );
}
