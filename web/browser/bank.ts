// A bank statement for the walks, made after the one that waits in the demo: same bank, same account,
// other payment orders (1CClientBankExchange, Windows-1251).
import { readFileSync } from "node:fs";
import { waiting } from "./people";

const decoder = new TextDecoder("windows-1251");
const BYTES = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(new Uint8Array([byte])), byte]));
const encoded = (text: string) => Buffer.from(Array.from(text, (letter) => BYTES.get(letter) ?? 63));

export interface Payment {
  amount: string;
  inn: string;
  purpose: string;
}

/** The statement's bytes, as a file chooser takes them. */
export function statement(payment: Payment): { name: string; mimeType: string; buffer: Buffer } {
  const lines = decoder.decode(readFileSync(waiting)).split("\r\n");
  const begin = lines.findIndex((line) => line.startsWith("СекцияДокумент"));
  const end = lines.indexOf("КонецДокумента");
  const said: Record<string, string> = {
    Номер: "4711",
    Сумма: payment.amount,
    ПлательщикИНН: payment.inn,
    ПлательщикСчет: "",
    НазначениеПлатежа: payment.purpose,
  };
  const order = lines.slice(begin, end + 1).flatMap((line) => {
    const name = line.split("=")[0] ?? "";
    const value = said[name];
    if (value === undefined) return [line];
    return value ? [`${name}=${value}`] : [];
  });
  // Of today, where banks are: money of yesterday does not pay an invoice of today.
  const today = new Date().toLocaleDateString("ru-RU", { timeZone: "Europe/Moscow" });
  const text = [...lines.slice(0, begin), ...order, "КонецФайла", ""].join("\r\n").replace(/=\d\d\.\d\d\.\d{4}(?=\r)/g, `=${today}`);
  return { name: "kl_to_1c.txt", mimeType: "text/plain", buffer: encoded(text) };
}
