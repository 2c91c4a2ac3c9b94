// The PDF of an invoice as something that the browser can show.
import { createClient } from "@connectrpc/connect";
import { Invoices, type InvoiceDocument } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { transport } from "../../shared/transport";

const invoices = createClient(Invoices, transport);

/** An address of the bytes; whoever asked gives it back with `URL.revokeObjectURL`. */
export async function documentUrl(name: string): Promise<string> {
  return bytesUrl(await invoices.getInvoiceDocument({ name }));
}

/** The same of any document. */
export function bytesUrl(document: InvoiceDocument): string {
  const bytes = new Uint8Array(document.content);
  return URL.createObjectURL(new Blob([bytes], { type: document.contentType }));
}

/** In a tab of its own. */
export async function openDocument(name: string): Promise<void> {
  window.open(await documentUrl(name), "_blank");
}
