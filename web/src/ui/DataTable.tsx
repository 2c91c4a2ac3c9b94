// A list as a table; on a narrow screen, as cards. Loading, failure and emptiness included.
import { Button, Card, Group, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTexts } from "../shared/dictionary";
import { Failure, Loading } from "./states";

export { Failure, Loading } from "./states";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
  /** Sums stand on the right. */
  right?: boolean;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  error: unknown;
  retry: () => void;
  id: (row: Row) => string;
  /** Undoes the conditions under which nothing was found; absent without conditions. */
  reset?: () => void;
}

export function DataTable<Row>(props: Props<Row>) {
  const texts = useTexts();
  const narrow = useMediaQuery("(max-width: 48em)");
  if (props.error) return <Failure error={props.error} retry={props.retry} />;
  if (!props.rows) return <Loading />;
  if (props.rows.length === 0) {
    return (
      <Stack align="center" py="xl">
        <Text>{props.reset ? texts.notFound : texts.empty}</Text>
        {props.reset && <Button variant="default" onClick={props.reset}>{texts.reset}</Button>}
      </Stack>
    );
  }
  return narrow ? <Cards {...props} rows={props.rows} /> : <Rows {...props} rows={props.rows} />;
}

function Rows<Row>({ label, columns, rows, id }: Props<Row> & { rows: Row[] }) {
  const side = (column: Column<Row>) => (column.right ? "right" : "left");
  return (
    <Table aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column.title} ta={side(column)}>{column.title}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={id(row)}>
            {columns.map((column) => (
              <Table.Td
                key={column.title}
                ta={side(column)}
                style={column.right ? { fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" } : undefined}
              >
                {column.cell(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards<Row>({ columns, rows, id }: Props<Row> & { rows: Row[] }) {
  return (
    <Stack gap="xs">
      {rows.map((row) => (
        <Card key={id(row)} withBorder padding="sm">
          {columns.map((column) => (
            <Group key={column.title} justify="space-between" gap="xs" wrap="nowrap" align="start">
              <Text size="sm" c="dimmed">{column.title}</Text>
              <Text size="sm" component="div" ta="right">{column.cell(row)}</Text>
            </Group>
          ))}
        </Card>
      ))}
    </Stack>
  );
}
