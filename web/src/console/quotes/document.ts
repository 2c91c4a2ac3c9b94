// The PDF of a quote as something that the browser can show.
import { createClient } from "@connectrpc/connect";
import { Quotes } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { transport } from "../../shared/transport";
import { bytesUrl } from "../invoices/document";

const quotes = createClient(Quotes, transport);

/** An address of the bytes; whoever asked gives it back with `URL.revokeObjectURL`. */
export const quoteUrl = async (name: string): Promise<string> => bytesUrl(await quotes.getQuoteDocument({ name }));
