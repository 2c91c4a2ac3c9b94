// All quotes by state: what was offered, and until when it waits.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Quotes, Quote_State } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { useTexts } from "../../shared/dictionary";
import { Choice } from "../../ui/Choice";
import { Pager } from "../../ui/Pager";
import { Views } from "../views/Views";
import { QuoteTable } from "./QuoteTable";
import { useQuoteTexts } from "./texts";

const route = getRouteApi("/shell/quotes");
const SHOWN = [Quote_State.DRAFT, Quote_State.SENT, Quote_State.ACCEPTED, Quote_State.DECLINED, Quote_State.EXPIRED];

export function QuoteList() {
  const texts = useTexts();
  const own = useQuoteTexts();
  const { state, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { state: state ?? 0, pageToken: page ?? "" };
  const found = useQuery(Quotes.method.listQuotes, request, { placeholderData: keepPreviousData });
  const states = [0, ...SHOWN].map((value) => ({ value: String(value), label: value ? (own.states[value] ?? "") : texts.all }));
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="sm" align="baseline">
          <Title order={1} size="h2">{own.title}</Title>
          <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
        </Group>
        <Button renderRoot={(props) => <Link to="/quotes/new" search={{}} {...props} />}>{own.add}</Button>
      </Group>
      <div>
        <Choice label={texts.state} options={states} value={String(state ?? 0)}
          choose={(value) => void navigate({ search: { state: Number(value) || undefined } })} />
      </div>
      <Views />
      <QuoteTable clients rows={found.data?.quotes} error={found.error} retry={() => void found.refetch()}
        reset={state ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { state, page } })} />
    </Stack>
  );
}
