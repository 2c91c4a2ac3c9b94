// What stands on the books of a client: the answer to "who owes whom" before any list is opened.
import { Alert, Anchor, Stack, Table, Text } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ClientCard } from "../../gen/raschet/gateway/v1/client_cards_pb";
import { InvoiceSum_Standing as Standing, type InvoiceSum } from "../../gen/raschet/invoicing/v1/overviews_pb";
import { useTexts } from "../../shared/dictionary";
import { amount, amounts, sign, sums } from "../../shared/money";
import { Figure, Figures } from "../../ui/Figure";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients/$id");

export function Books({ card }: { card: ClientCard }) {
  const texts = useTexts();
  const own = useClientTexts();
  const of = (...standings: Standing[]) =>
    (card.overview?.invoices ?? []).filter((sum) => standings.includes(sum.standing));
  const [due, late, paid] = [of(Standing.DUE, Standing.OVERDUE), of(Standing.OVERDUE), of(Standing.PAID)];
  const credit = sums((card.balance?.sellers ?? []).map((row) => row.credit)).filter((sum) => sign(sum) !== 0);
  const all = card.overview?.invoices ?? [];
  const tell = (parts: InvoiceSum["total"][]) => amounts(sums(parts), texts.language) || "0";
  return (
    <Stack gap="sm">
      <Figures>
        <Figure name={own.due} value={tell(due.map((sum) => sum.residual))} tone={due.length ? undefined : "quiet"}
          note={due.length ? own.invoices(much(due)) : own.nothingDue} />
        <Figure name={own.overdue} value={tell(late.map((sum) => sum.residual))} tone={late.length ? "bad" : "quiet"}
          note={late.length ? own.invoices(much(late)) : own.notOverdue} />
        <Figure name={own.credit} value={amounts(credit, texts.language) || "0"} tone={credit.length ? "good" : "quiet"}
          note={credit.length ? own.creditNote : own.noCredit} />
        <Figure name={own.paid} value={tell(all.map((sum) => sum.applied))} note={own.invoices(much(paid))} />
      </Figures>
      <Waiting held={of(Standing.HELD)} />
      <details>
        <Text component="summary" size="sm" c="dimmed">{own.more}</Text>
        <BySeller card={card} />
        <ByStanding sums={all} />
        <Text size="sm" mt="xs">
          {own.acceptedQuotes}: {own.ofAll(Number(card.overview?.quotesAccepted ?? 0n), Number(card.overview?.quotes ?? 0n))}
        </Text>
      </details>
    </Stack>
  );
}

const much = (parts: InvoiceSum[]) => Number(parts.reduce((total, sum) => total + sum.count, 0n));

/** Held invoices are what staff forget. */
function Waiting({ held }: { held: InvoiceSum[] }) {
  const texts = useTexts();
  const own = useClientTexts();
  const { id } = route.useParams();
  if (held.length === 0) return null;
  return (
    <Alert color="grape" variant="outline" py="xs">
      <Anchor inherit fw={600} underline="always"
        renderRoot={(props) => <Link to="/clients/$id" params={{ id }} search={{ tab: "invoices" }} {...props} />}>
        {own.heldInvoices(much(held))}
      </Anchor>
      {`: ${amounts(sums(held.map((sum) => sum.total)), texts.language)}. ${own.heldNote}`}
    </Alert>
  );
}

function BySeller({ card }: { card: ClientCard }) {
  const { language } = useTexts();
  const own = useClientTexts();
  const rows = card.balance?.sellers ?? [];
  const title = (seller: string) => card.sellers.find((one) => one.seller === seller)?.title ?? seller;
  if (rows.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={520} type="native">
      <Table aria-label={own.seller} mt="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{own.seller}</Table.Th>
            {[own.credit, own.due, own.advances, own.receivable].map((name) => (
              <Table.Th key={name} ta="right">{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.seller} ${row.credit?.currencyCode}`}>
              <Table.Td>{title(row.seller)}</Table.Td>
              {[row.credit, row.due, row.advances, row.receivable].map((money, index) => (
                <Table.Td key={index} ta="right" className="sum">{amount(money, language)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ByStanding({ sums: rows }: { sums: InvoiceSum[] }) {
  const texts = useTexts();
  const own = useClientTexts();
  if (rows.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={420} type="native">
      <Table aria-label={own.standing} mt="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{own.standing}</Table.Th>
            {[own.count, texts.total, own.left].map((name) => <Table.Th key={name} ta="right">{name}</Table.Th>)}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.standing} ${row.total?.currencyCode}`}>
              <Table.Td>{own.standings[row.standing]}</Table.Td>
              <Table.Td ta="right">{String(row.count)}</Table.Td>
              <Table.Td ta="right" className="sum">{amount(row.total, texts.language)}</Table.Td>
              <Table.Td ta="right" className="sum">{amount(row.residual, texts.language)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
