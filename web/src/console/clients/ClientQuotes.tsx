// What the client was offered, and how much of it was accepted (A104).
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Group, Stack, Text } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ClientOverview } from "../../gen/raschet/invoicing/v1/overviews_pb";
import { Quotes } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { Pager } from "../../ui/Pager";
import { QuoteTable } from "../quotes/QuoteTable";
import { useQuoteTexts } from "../quotes/texts";

const route = getRouteApi("/shell/clients/$id");

export function ClientQuotes({ client, overview }: { client: string; overview: ClientOverview | undefined }) {
  const own = useQuoteTexts();
  const { page } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(Quotes.method.listQuotes, { client, pageToken: page ?? "" }, { placeholderData: keepPreviousData });
  const [accepted, all] = [Number(overview?.quotesAccepted ?? 0n), Number(overview?.quotes ?? 0n)];
  const search = { client: client.replace("clients/", "") };
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">{all ? own.accepted(accepted, all) : own.none}</Text>
        <Button size="compact-md" renderRoot={(props) => <Link to="/quotes/new" search={search} {...props} />}>{own.add}</Button>
      </Group>
      {all > 0 && <QuoteTable rows={found.data?.quotes} error={found.error} retry={() => void found.refetch()} />}
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { tab: "quotes", page } })} />
    </Stack>
  );
}
