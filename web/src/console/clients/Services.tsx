// What a client has, what it uses of it, and where it is changed, stopped and resumed.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Group, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Usage } from "../../gen/raschet/invoicing/v1/metrics_pb";
import type { ServiceSum } from "../../gen/raschet/invoicing/v1/overviews_pb";
import { Subscription_State, Subscriptions, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { useTexts } from "../../shared/dictionary";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { UsageBar } from "../../ui/UsageBar";
import { QuantityChange } from "../services/QuantityChange";
import { Resume, Suspend } from "../services/Stop";
import { Protect } from "../services/Protect";
import { useServiceTexts } from "../services/texts";
import { Price, Standing, Through } from "./ServiceCells";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients/$id");

interface Props {
  client: string;
  sums: ServiceSum[];
  usages: Usage[];
}

export function Services({ client, sums, usages }: Props) {
  const own = useClientTexts();
  const texts = useTexts();
  const { page, change } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { client, pageToken: page ?? "" };
  const found = useQuery(Subscriptions.method.listSubscriptions, request, { placeholderData: keepPreviousData });
  const [stopping, setStopping] = useState<Subscription>();
  const [guarded, setGuarded] = useState<Subscription>();
  const open = (change: string | undefined) => void navigate({ search: { tab: "services", page, change } });
  const columns: Column<Subscription>[] = [
    { title: own.service, cell: (row) => <Service row={row} usages={usages.filter((usage) => usage.subscription === row.name)} /> },
    { title: texts.state, cell: (row) => <Standing row={row} /> },
    { title: own.quantity, cell: (row) => row.quantity, right: true },
    { title: own.price, cell: (row) => <Price row={row} />, right: true },
    { title: own.billed, cell: (row) => <Through row={row} until={row.billedThrough} /> },
    { title: own.paidThrough, cell: (row) => <Through row={row} until={row.paidThrough} /> },
    { title: "", cell: (row) => <Acts row={row} change={() => open(id(row.name))} stop={() => setStopping(row)} guard={() => setGuarded(row)} />, right: true },
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
      {guarded && <Protect subscription={guarded} close={() => setGuarded(undefined)} />}
      {stopping && <Stop subscription={stopping} close={() => setStopping(undefined)} />}
    </Stack>
  );
}

const id = (name: string) => name.slice(name.indexOf("/") + 1);

/** As it was when it was asked for: a service that has stopped meanwhile asks nothing else. */
function Stop({ subscription, close }: { subscription: Subscription; close: () => void }) {
  const Asked = subscription.state === Subscription_State.SUSPENDED ? Resume : Suspend;
  return <Asked subscription={subscription} close={close} />;
}

function Service({ row, usages }: { row: Subscription; usages: Usage[] }) {
  const own = useClientTexts();
  return (
    <>
      {row.title}
      {row.mainSubscription && <Text size="xs" c="dimmed">{own.withMain}</Text>}
      {usages.map((usage) => <UsageBar key={usage.metric?.code} usage={usage} />)}
    </>
  );
}

function Acts({ row, change, stop, guard }: { row: Subscription; change: () => void; stop: () => void; guard: () => void }) {
  const own = useClientTexts();
  const { suspend, resume, protect } = useServiceTexts();
  const stopped = row.state === Subscription_State.SUSPENDED;
  const changes = row.cycleMonths > 0 && (row.state === Subscription_State.ACTIVE || row.state === Subscription_State.PENDING);
  const stops = stopped ? resume : row.state === Subscription_State.ACTIVE ? suspend : undefined;
  return (
    <Group gap={4} justify="end" miw={{ md: 330 }}>
      {row.state === Subscription_State.ACTIVE && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={guard} aria-label={`${protect}: ${row.title}`}>{protect}</Button>
      )}
      {stops && (
        <Button size="compact-sm" variant={stopped ? "default" : "subtle"} color="gray" onClick={stop}
          aria-label={`${stops}: ${row.title}`}>
          {stops}
        </Button>
      )}
      {changes && (
        <Button size="compact-sm" variant="default" onClick={change} aria-label={`${own.change}: ${row.title}`}>
          {own.changeShort}
        </Button>
      )}
    </Group>
  );
}
