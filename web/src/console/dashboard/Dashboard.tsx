// The first screen: how much waits, what needs a person now, what renews when, and who is here.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { getRouteApi } from "@tanstack/react-router";
import { Dashboard as Service, type Board } from "../../gen/raschet/gateway/v1/dashboard_pb";
import { fromIso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { Failure, Loading } from "../../ui/DataTable";
import { Figure, Figures } from "../../ui/Figure";
import { Panel } from "../../ui/Panel";
import { Calendar } from "./Calendar";
import { MyTasks } from "./MyTasks";
import { ToDo } from "./ToDo";
import { useDashboardTexts } from "./texts";
import { Way } from "../../ui/Way";

const route = getRouteApi("/shell/");
/** Counters are looked at, not worked in: once a minute is often enough. */
const EVERY_MS = 60_000;
/** The services count no further. */
const CAP = 10_001;

export function Dashboard() {
  const { month } = route.useSearch();
  const found = useQuery(Service.method.getDashboard, { month: fromIso(month && `${month}-01`) }, {
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const board = found.data;
  return (
    <Stack>
      <Now board={board} />
      <Counters board={board} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack>
          <ToDo board={board} />
          <Here board={board} />
        </Stack>
        <Stack>
          <Calendar board={board} />
          <MyTasks board={board} />
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

/** The clock of the suite in the long form (A2). */
function Now({ board }: { board: Board }) {
  const { language } = useTexts();
  const own = useDashboardTexts();
  const format = new Intl.DateTimeFormat(language === "ru" ? "ru" : "en-GB", {
    timeZone: "Europe/Moscow",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (
    <Group align="baseline" gap="sm">
      <Title order={1} size="h2">{own.title}</Title>
      <Text c="dimmed">{board.now && format.format(timestampDate(board.now))}</Text>
    </Group>
  );
}

function Counters({ board }: { board: Board }) {
  const own = useDashboardTexts();
  const { overview, ticketCounts } = board;
  const told = (count = 0) => (count >= CAP ? own.capped : String(count));
  const tone = (count = 0, bad = false) => (count === 0 ? "quiet" : bad ? "bad" : undefined);
  return (
    <Figures>
      <Way href="/invoices?state=2">
        <Figure name={own.held} value={told(overview?.heldInvoices)} note={own.heldNote} tone={tone(overview?.heldInvoices)} />
      </Way>
      <Way href="/invoices?overdue=true">
        <Figure name={own.overdue} value={told(overview?.overdueInvoices)} note={own.overdueNote}
          tone={tone(overview?.overdueInvoices, true)} />
      </Way>
      <Way href="/tickets">
        <Figure name={own.tickets} value={told(ticketCounts?.waiting)} note={own.ticketsNote(ticketCounts?.breached ?? 0)}
          tone={tone(ticketCounts?.waiting, (ticketCounts?.breached ?? 0) > 0)} />
      </Way>
      <Way href="/reconciliation">
        <Figure name={own.lines} value={told(board.linesInReview)} note={own.linesNote} tone={tone(board.linesInReview)} />
      </Way>
      <Way href="/orders?state=1">
        <Figure name={own.orders} value={told(overview?.pendingOrders)} note={own.ordersNote} tone={tone(overview?.pendingOrders)} />
      </Way>
      {(overview?.suspendedSubscriptions ?? 0) > 0 && (
        <Way href="/services?state=3">
          <Figure name={own.suspended} value={told(overview?.suspendedSubscriptions)} note={own.suspendedNote} />
        </Way>
      )}
      {board.parkedItems > 0 && (
        <Way href="/parked">
          <Figure name={own.parked} value={told(board.parkedItems)} note={own.parkedNote} tone="bad" />
        </Way>
      )}
    </Figures>
  );
}

/** Staff whose screens called in the last minutes (A24). */
function Here({ board }: { board: Board }) {
  const own = useDashboardTexts();
  return (
    <Panel title={own.here} note={board.staff.length || undefined}>
      <Text size="sm">{board.staff.map((one) => one.displayName).join(" · ") || own.nobody}</Text>
    </Panel>
  );
}
