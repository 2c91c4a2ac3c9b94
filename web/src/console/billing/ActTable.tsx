// Acts as rows; one that is only planned has no number yet.
import type { Act } from "../../gen/raschet/invoicing/v1/billing_pb";
import { day } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { ClientLink, useClientTitles } from "../../ui/ClientLink";
import { DataTable, type Column } from "../../ui/DataTable";
import { useBillingTexts } from "./texts";

interface Props {
  rows: Act[] | undefined;
  error: unknown;
  retry: () => void;
  reset?: () => void;
}

export function ActTable(props: Props) {
  const { language } = useTexts();
  const own = useBillingTexts();
  const titles = useClientTitles((props.rows ?? []).map((row) => row.client));
  const columns: Column<Act>[] = [
    { title: own.number, cell: (row) => row.number || "—" },
    { title: own.client, cell: (row) => <ClientLink client={row.client} titles={titles} /> },
    { title: own.actDate, cell: (row) => day(row.date, language) },
    { title: own.vat, cell: (row) => amount(row.tax, language), right: true },
    { title: own.sum, cell: (row) => amount(row.total, language), right: true },
  ];
  return <DataTable label={own.views.acts} columns={columns} id={(row) => row.name || `${row.contract} ${row.payer}`} {...props} />;
}
