// Files on their way to the suite: a browser cannot stream to an RPC, the gateway takes them whole.
import { fromBinary } from "@bufbuild/protobuf";
import { ImportStatementResponseSchema, type ImportStatementResponse } from "../gen/raschet/payments/v1/statements_pb";
import { language } from "./dictionary";

/** Why a file was not taken; `message` says it to people. */
export class FileRefused extends Error {
  constructor(text: string, readonly reason: string) {
    super(text);
  }
}

/** Imports a bank's statement. The same `requestId` may be tried again. */
export async function importStatement(file: File, requestId: string, acceptTruncated: boolean): Promise<ImportStatementResponse> {
  const query = new URLSearchParams({ filename: file.name, request_id: requestId, accept_truncated: String(acceptTruncated) });
  const answer = await fetch(`/files/statements?${query}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "accept-language": language() },
    body: file,
  });
  if (!answer.ok) {
    const { text, reason } = (await answer.json()) as { text: string; reason: string };
    throw new FileRefused(text, reason);
  }
  return fromBinary(ImportStatementResponseSchema, new Uint8Array(await answer.arrayBuffer()));
}
