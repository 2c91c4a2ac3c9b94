// Before an invoice leaves: the document and the letter, exactly as the client would get them.
import { useQuery as useCall } from "@connectrpc/connect-query";
import { useQuery } from "@tanstack/react-query";
import { Alert, SegmentedControl, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Invoice } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { Sellers } from "../../gen/raschet/invoicing/v1/sellers_pb";
import { Letters } from "../../gen/raschet/tickets/v1/letters_pb";
import { useTexts } from "../../shared/dictionary";
import { amount, sign } from "../../shared/money";
import { Failure, Loading } from "../../ui/DataTable";
import { Facts } from "../../ui/Facts";
import { Panel } from "../../ui/Panel";
import classes from "./Check.module.css";
import { documentUrl } from "./document";
import { Findings } from "./Findings";
import { useInvoiceTexts } from "./texts";

export function Check({ invoice }: { invoice: Invoice }) {
  const own = useInvoiceTexts();
  const [shown, setShown] = useState("document");
  const choice = [{ value: "document", label: own.document }, { value: "letter", label: own.letter }];
  return (
    <Panel title={own.check}
      actions={<SegmentedControl aria-label={own.check} size="xs" data={choice} value={shown} onChange={setShown} />}>
      <Findings invoice={invoice} />
      {shown === "document" ? <Document of={invoice} url={documentUrl} /> : <Letter invoice={invoice} />}
    </Panel>
  );
}

interface DocumentProps {
  /** What it is of, as it is now. */
  of: { name: string; etag: string };
  /** Asks for its bytes. */
  url: (name: string) => Promise<string>;
}

export function Document({ of: { name, etag }, url: ask }: DocumentProps) {
  const own = useInvoiceTexts();
  const found = useQuery({ queryKey: ["document", name, etag], queryFn: () => ask(name), gcTime: 0 });
  const url = found.data;
  useEffect(() => () => {
    if (url) URL.revokeObjectURL(url);
  }, [url]);
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!url) return <Loading />;
  if (!navigator.pdfViewerEnabled) return <Text size="sm">{own.noPreview}</Text>;
  // The browser's own viewer, without its bars.
  return <iframe className={classes.document} title={own.document} src={`${url}#toolbar=0&navpanes=0&view=FitH`} />;
}

function Letter({ invoice }: { invoice: Invoice }) {
  const texts = useTexts();
  const own = useInvoiceTexts();
  const seller = useCall(Sellers.method.getSeller, { name: invoice.seller });
  const pays = sign(invoice.total) > 0;
  const found = useCall(Letters.method.previewLetter, {
    template: "invoice_issued",
    client: invoice.client,
    variables: {
      number: own.places.number,
      issue_date: own.places.issueDate,
      due_date: own.places.dueDate,
      seller: seller.data?.title ?? own.places.seller,
      total: amount(invoice.total, texts.language),
    },
  }, { enabled: pays && !seller.isPending });
  if (!pays) return <Text size="sm">{own.noLetter}</Text>;
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const { recipients, subject, text } = found.data;
  return (
    <div className={classes.letter}>
      {recipients.length === 0 && <Alert color="orange" variant="outline" mb="sm" py="xs">{own.nobody}</Alert>}
      <Facts facts={[[own.to, recipients.join(", ")], [own.subject, <b key="subject">{subject}</b>]]} />
      <p className="text">{text}</p>
      <Text size="xs" c="dimmed">{own.later}</Text>
    </div>
  );
}
