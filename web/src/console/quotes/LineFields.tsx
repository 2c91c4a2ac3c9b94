// The lines of a new quote: a service, its listed price or one of one's own, how many, from when.
import { useQuery } from "@connectrpc/connect-query";
import { Button, Card, Group, NativeSelect, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { Products, type Product } from "../../gen/raschet/invoicing/v1/products_pb";
import { useTexts } from "../../shared/dictionary";
import { price } from "../../shared/money";
import { Failure, Loading } from "../../ui/DataTable";
import { listed, newRow, type Row } from "./form";
import { useQuoteTexts } from "./texts";

interface Props {
  /** Whose catalogue it is. Format: sellers/{seller} */
  seller: string;
  today: string;
  rows: Row[];
  set: (rows: Row[]) => void;
}

export function LineFields({ seller, today, rows, set }: Props) {
  const own = useQuoteTexts();
  const found = useQuery(Products.method.listProducts, { seller, pageSize: 1000 }, { staleTime: 60_000 });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const { products } = found.data;
  const change = (key: number, part: Partial<Row>) => set(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const next = Math.max(...rows.map((row) => row.key)) + 1;
  return (
    <Stack gap="sm">
      {rows.map((row, index) => (
        <Line key={row.key} row={row} number={index + 1} products={products} today={today}
          change={(part) => change(row.key, part)}
          drop={rows.length > 1 ? () => set(rows.filter((one) => one.key !== row.key)) : undefined} />
      ))}
      <div><Button variant="default" onClick={() => set([...rows, newRow(next)])}>{own.addLine}</Button></div>
    </Stack>
  );
}

interface LineProps {
  row: Row;
  number: number;
  products: Product[];
  today: string;
  change: (part: Partial<Row>) => void;
  /** Absent for the only one. */
  drop: (() => void) | undefined;
}

function Line({ row, number, products, today, change, drop }: LineProps) {
  const texts = useTexts();
  const own = useQuoteTexts();
  const { language } = texts;
  const prices = listed(products.find((one) => one.name === row.product), today);
  const titles = products.map((one) => ({ value: one.name, label: (language === "en" && one.titleEn) || one.title }));
  const cycles = prices.map((one) => ({ value: String(one.months), label: own.per(price(one.unitPrice, one.currency, language), one.months) }));
  const choose = (product: string | null) => {
    const [first] = listed(products.find((one) => one.name === product), today);
    change({ product: product ?? "", months: first ? String(first.months) : "" });
  };
  return (
    <Card withBorder padding="sm" component="fieldset" m={0} style={{ minInlineSize: 0 }} aria-label={own.line(number)}>
      <SimpleGrid cols={{ base: 1, sm: 2, md: 4 }} spacing="sm">
        <Select label={own.product} searchable required value={row.product || null} data={titles} onChange={choose}
          nothingFoundMessage={texts.notFound} />
        <NativeSelect label={own.period} data={cycles} value={row.months} disabled={cycles.length === 0}
          onChange={(event) => change({ months: event.currentTarget.value })} />
        <NumberInput label={own.quantity} min={1} max={1_000_000} allowDecimal={false} allowNegative={false}
          value={row.quantity} onChange={(quantity) => change({ quantity })} />
        <TextInput type="date" label={own.start} value={row.start} onChange={(event) => change({ start: event.currentTarget.value })} />
        <TextInput label={own.override} placeholder={own.overrideHint} inputMode="decimal" value={row.override}
          onChange={(event) => change({ override: event.currentTarget.value })} />
        {row.override.trim() !== "" && (
          <TextInput label={own.why} required maxLength={500} value={row.reason}
            onChange={(event) => change({ reason: event.currentTarget.value })} />
        )}
      </SimpleGrid>
      <Group justify="space-between" mt={6}>
        <Text size="xs" c="dimmed">{own.start}: {own.startHint.toLowerCase()}</Text>
        {drop && <Button size="compact-sm" variant="subtle" color="gray" onClick={drop}>{own.dropLine(number)}</Button>}
      </Group>
    </Card>
  );
}
