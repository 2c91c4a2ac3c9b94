// What a client owes for paying an invoice late, how that came about, and what staff can do (A47).
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Box, Button, Group, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { LateFee_State, LateFees, type LateFee as Fee, type LateFeePart } from "../../gen/raschet/invoicing/v1/late_fees_pb";
import { day, dayOf } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { transport } from "../../shared/transport";
import { useNames } from "../../shared/useNames";
import { Confirm } from "../../ui/Confirm";
import { DataTable, Failure, type Column } from "../../ui/DataTable";
import { Figure, Figures } from "../../ui/Figure";
import { Panel } from "../../ui/Panel";
import { useAct } from "../../ui/useAct";
import { useInvoiceTexts } from "./texts";

const lateFees = createClient(LateFees, transport);

/** Nothing where the invoice was not late, or its seller charges nothing. */
export function LateFee({ invoice }: { invoice: Invoice }) {
  const found = useQuery(LateFees.method.listLateFees, { invoice: invoice.name });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return <>{found.data?.lateFees.map((fee) => <Shown key={fee.name} fee={fee} />)}</>;
}

function Shown({ fee }: { fee: Fee }) {
  const { language } = useTexts();
  const own = useInvoiceTexts();
  const columns: Column<LateFeePart>[] = [
    { title: own.feeDays, cell: (part) => `${day(part.firstDay, language)} – ${day(part.lastDay, language)}` },
    { title: own.feeDebt, cell: (part) => amount(part.debt, language), right: true },
    { title: own.feeReckoning, cell: (part) => `${decimal(part.dailyPercent?.value, language)} % × ${part.days}`, right: true },
    { title: own.feePrice, cell: (part) => decimal(toMinor(part.price?.value), language), right: true },
  ];
  const capped = fee.amount && fee.uncapped && amount(fee.amount, "en") !== amount(fee.uncapped, "en");
  return (
    <Panel title={own.fee} note={own.feeStates[fee.state]}>
      <Figures>
        <Figure name={own.left} value={amount(fee.residual, language)} />
        <Figure name={own.paid} value={amount(fee.paid, language)} />
        <Figure name={own.feeAmount} value={amount(fee.amount, language)}
          note={capped ? own.feeCapped(decimal(fee.capPercent?.value, language)) : undefined} />
      </Figures>
      <Box mt="sm">
        <DataTable label={own.fee} columns={columns} rows={fee.parts} error={null} retry={() => undefined}
          id={(part) => `${part.firstDay?.year}-${part.firstDay?.month}-${part.firstDay?.day}`} />
      </Box>
      <Text size="sm" c="dimmed" mt="xs">{own.feeAbout}</Text>
      {fee.state === LateFee_State.WAIVED && <Waived fee={fee} />}
      <Acts fee={fee} />
    </Panel>
  );
}

/** An exact price, to the minor unit at least. */
function toMinor(value = "0") {
  const [whole, fraction = ""] = value.split(".");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}

/** A decimal number as people write it. */
const decimal = (value: string | undefined, language: string) =>
  language === "ru" ? (value ?? "").replace(".", ",") : (value ?? "");

function Waived({ fee }: { fee: Fee }) {
  const { language } = useTexts();
  const own = useInvoiceTexts();
  const who = useNames([fee.waivedBy]).staff(fee.waivedBy);
  return <Text size="sm" mt="xs">{own.feeWaived}: {fee.waiveReason} · {[who, dayOf(fee.waiveTime, language)].filter(Boolean).join(", ")}</Text>;
}

function Acts({ fee }: { fee: Fee }) {
  const own = useInvoiceTexts();
  const [asked, setAsked] = useState(false);
  const pay = useAct((requestId) => lateFees.payLateFee({ name: fee.name, requestId }));
  const open = fee.state === LateFee_State.OPEN;
  if (!open && fee.state !== LateFee_State.GROWING) return null;
  return (
    <>
      <Group gap={6} mt="sm">
        {open && <Button size="compact-sm" loading={pay.busy} onClick={() => void pay.run()}>{own.feePay}</Button>}
        <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>{own.feeWaive}</Button>
      </Group>
      {pay.failure !== undefined && <Failure error={pay.failure} />}
      {asked && <Waive fee={fee} close={() => setAsked(false)} />}
    </>
  );
}

function Waive({ fee, close }: { fee: Fee; close: () => void }) {
  const own = useInvoiceTexts();
  const [reason, setReason] = useState("");
  const act = useAct((requestId) => lateFees.waiveLateFee({ name: fee.name, reason: reason.trim(), requestId }), close);
  return (
    <Confirm opened close={close} title={own.feeWaiveTitle} verb={own.feeWaive} act={act} incomplete={reason.trim() === ""}>
      <Text size="sm">{own.feeWaiveText}</Text>
      <TextInput label={own.feeWaiveReason} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
    </Confirm>
  );
}
