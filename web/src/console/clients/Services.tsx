// What a client has, and where its quantity is changed.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Badge, Button, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { ServiceSum } from "../../gen/raschet/invoicing/v1/overviews_pb";
import { Subscription_State, Subscriptions, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { compared, day, shifted } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { price } from "../../shared/money";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { QuantityChange } from "../services/QuantityChange";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients/$id");
const COLOURS = ["gray", "yellow", "green", "orange", "gray"];

export function Services({ client, sums }: { client: string; sums: ServiceSum[] }) {
  const own = useClientTexts();
  const texts = useTexts();
  const { page, change } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { client, pageToken: page ?? "" };
  const found = useQuery(Subscriptions.method.listSubscriptions, request, { placeholderData: keepPreviousData });
  const open = (change: string | undefined) => void navigate({ search: { tab: "services", page, change } });
  const columns: Column<Subscription>[] = [
    { title: own.service, cell: (row) => <Service row={row} /> },
    { title: texts.state, cell: (row) => <State state={row.state} /> },
    { title: own.quantity, cell: (row) => row.quantity, right: true },
    { title: own.price, cell: (row) => <Price row={row} />, right: true },
    { title: own.billed, cell: (row) => <Through row={row} until={row.billedThrough} /> },
    { title: own.paidThrough, cell: (row) => <Through row={row} until={row.paidThrough} /> },
    { title: "", cell: (row) => <Change row={row} open={() => open(id(row.name))} />, right: true },
  ];
  const told = (sum: ServiceSum) =>
    `${(texts.language === "en" && sum.titleEn) || sum.title}: ${own.active(Number(sum.active), Number(sum.count))}`;
  if (found.data?.totalSize === 0) return <Text c="dimmed">{own.noServices}</Text>;
  return (
    <Stack>
      <Text size="sm" c="dimmed">{sums.map(told).join(" · ")}</Text>
      <DataTable label={own.tabs.services} columns={columns} rows={found.data?.subscriptions} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name} />
      <Pager page={page} next={found.data?.nextPageToken}
        turn={(page) => void navigate({ search: { tab: "services", page } })} />
      {change && <QuantityChange name={`subscriptions/${change}`} close={() => open(undefined)} />}
    </Stack>
  );
}

const id = (name: string) => name.slice(name.indexOf("/") + 1);

function Service({ row }: { row: Subscription }) {
  const own = useClientTexts();
  return (
    <>
      {row.title}
      {row.mainSubscription && <Text size="xs" c="dimmed">{own.withMain}</Text>}
    </>
  );
}

export function State({ state }: { state: Subscription_State }) {
  const own = useClientTexts();
  return <Badge color={COLOURS[state]} c="var(--mantine-color-text)">{own.serviceStates[state]}</Badge>;
}

function Price({ row }: { row: Subscription }) {
  const { language } = useTexts();
  const own = useClientTexts();
  return <>{price(row.unitPrice, row.currency, language)} <Text span size="xs" c="dimmed">{own.per(row.priceMonths)}</Text></>;
}

/** The last day that is covered; the contract names the first that is not. */
function Through({ row, until }: { row: Subscription; until: Subscription["billedThrough"] }) {
  const { language } = useTexts();
  const own = useClientTexts();
  if (!until || !row.startDate || compared(until, row.startDate) <= 0) {
    return <Text span size="sm" c="dimmed">{own.notYet}</Text>;
  }
  return <span className="sum">{day(shifted(until, -1), language)}</span>;
}

function Change({ row, open }: { row: Subscription; open: () => void }) {
  const own = useClientTexts();
  if (row.state === Subscription_State.TERMINATED || row.cycleMonths === 0) return null;
  return (
    <Button size="compact-sm" variant="default" onClick={open} aria-label={`${own.change}: ${row.title}`}>
      {own.change}
    </Button>
  );
}
