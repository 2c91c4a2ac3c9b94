// Services of all clients: by state, or those that renew on a day. Each is changed at its client's.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Subscription_State, Subscriptions, type Subscription } from "../../gen/raschet/invoicing/v1/subscriptions_pb";
import { fromIso } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { Choice } from "../../ui/Choice";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { Views } from "../views/Views";
import { Price, Standing, Through } from "../clients/ServiceCells";
import { useClientTexts } from "../clients/texts";
import { useSubscriptionTexts } from "./texts";

const route = getRouteApi("/shell/services");
const SHOWN = [Subscription_State.ACTIVE, Subscription_State.SUSPENDED, Subscription_State.PENDING, Subscription_State.TERMINATED];

export function ServiceList() {
  const texts = useTexts();
  const own = useSubscriptionTexts();
  const words = useClientTexts();
  const { state, renewal, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { state: state ?? 0, renewalDate: fromIso(renewal), pageToken: page ?? "" };
  const found = useQuery(Subscriptions.method.listSubscriptions, request, { placeholderData: keepPreviousData });
  const titles = useClientTitles((found.data?.subscriptions ?? []).map((row) => row.client));
  const columns: Column<Subscription>[] = [
    { title: words.service, cell: (row) => <>{row.title}{row.mainSubscription && <Text size="xs" c="dimmed">{words.withMain}</Text>}</> },
    { title: own.client, cell: (row) => <ClientLink client={row.client} titles={titles} /> },
    { title: texts.state, cell: (row) => <Standing row={row} /> },
    { title: words.quantity, cell: (row) => row.quantity, right: true },
    { title: words.price, cell: (row) => <Price row={row} />, right: true },
    { title: words.billed, cell: (row) => <Through row={row} until={row.billedThrough} /> },
    { title: words.paidThrough, cell: (row) => <Through row={row} until={row.paidThrough} /> },
  ];
  const states = [0, ...SHOWN].map((value) => ({ value: String(value), label: value ? (words.serviceStates[value] ?? "") : texts.all }));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">{own.title}</Title>
        <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
      </Group>
      <Group align="end">
        <Choice label={texts.state} options={states} value={String(renewal ? Subscription_State.ACTIVE : (state ?? 0))}
          choose={(value) => void navigate({ search: { state: Number(value) || undefined } })} />
        <TextInput type="date" label={own.renewal} value={renewal ?? ""}
          onChange={(event) => void navigate({ search: { renewal: event.currentTarget.value || undefined } })} />
      </Group>
      <Views />
      <DataTable label={own.title} columns={columns} rows={found.data?.subscriptions} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name}
        reset={state || renewal ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { state, renewal, page } })} />
    </Stack>
  );
}
