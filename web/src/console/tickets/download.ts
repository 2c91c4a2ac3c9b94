// A file that came with a letter, saved where the browser saves files. It is never opened on our own
// origin: what a stranger sent may be a page that acts as whoever looks at it.
import { createClient } from "@connectrpc/connect";
import { Tickets, type Attachment } from "../../gen/raschet/tickets/v1/tickets_pb";
import { transport } from "../../shared/transport";

const tickets = createClient(Tickets, transport);

export async function download({ name, filename }: Attachment): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of tickets.getAttachment({ name })) parts.push(new Uint8Array(part.content));
  const url = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}
