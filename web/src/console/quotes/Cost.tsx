// What a quote that is being typed costs, line by line, as the services count it.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Quotes } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { useTexts } from "../../shared/dictionary";
import { amount, price } from "../../shared/money";
import { reason } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { isComplete, quoteOf, type Typed } from "./form";
import { Sum } from "./QuotePage";
import { useQuoteTexts } from "./texts";

/** How long a person may go on typing before it is counted. */
const PAUSE_MS = 300;

interface Props {
  client: string;
  typed: Typed;
  /** Says why another service of a family is right. */
  duplicate: (reason: string) => void;
}

export function Cost({ client, typed, duplicate }: Props) {
  const { language } = useTexts();
  const own = useQuoteTexts();
  const [asked] = useDebouncedValue(typed, PAUSE_MS);
  const complete = isComplete(asked);
  const found = useQuery(Quotes.method.previewQuote, { quote: quoteOf(client, asked) },
    { enabled: complete, placeholderData: keepPreviousData });
  const twice = found.error !== null && reason(found.error) === "DUPLICATE_FAMILY";
  const why = (twice || typed.duplicate !== "") && (
    <TextInput label={own.duplicate} required maxLength={500} value={typed.duplicate}
      onChange={(event) => duplicate(event.currentTarget.value)} />
  );
  if (!complete) return <Text size="sm" c="dimmed">{own.sumHint}</Text>;
  if (found.error) return <Stack gap="sm"><Failure error={found.error} />{why}</Stack>;
  if (!found.data) return <Text size="sm" c="dimmed">{own.counting}</Text>;
  const quote = found.data;
  const currency = quote.total?.currencyCode ?? "";
  return (
    <Stack gap={6} aria-busy={found.isFetching} aria-live="polite">
      {quote.lines.map((line, index) => (
        <Group key={index} justify="space-between" gap="xs" wrap="nowrap" align="baseline">
          <div>
            {(language === "en" && line.titleEn) || line.title}
            <Text size="xs" c="dimmed">{line.quantity} × {own.per(price(line.unitPrice, currency, language), line.cycleMonths)}</Text>
          </div>
          <span className="sum">{amount(line.amount, language)}</span>
        </Group>
      ))}
      <Sum quote={quote} />
      <Text size="xs" c="dimmed">{own.starts}</Text>
      {why}
    </Stack>
  );
}
