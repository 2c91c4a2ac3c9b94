// Texts of the screens about invoices.
import { plural, textsOf } from "../../shared/dictionary";

export const ru = {
  payer: "Плательщик",
  due: "Оплатить до",
  left: "Осталось",
  preview: "Без номера",
  states: ["", "Черновик", "На проверке", "Выпущен", "Истёк", "Отменён"],
  payments: ["", "Не оплачен", "Оплачен частично", "Оплачен", "Возвращён"],
  overdue: "Просрочен",
  held: "Клиент этого счёта не видит и писем не получал.",
  issue: "Выпустить",
  issueTitle: "Выпустить счёт?",
  issueText: "Счёт получит номер, и письмо уйдёт клиенту. Отменить отправку будет нельзя.",
  pdf: "Открыть PDF",
  text: "Что",
  period: "Период",
  quantity: "Количество",
  tax: "НДС",
  why: "Почему столько?",
  searchInvoice: "Номер счёта",
  found: (count: number) =>
    plural("ru", count, { one: "счёт", few: "счёта", many: "счетов", other: "счёта" }),
};

export const en: typeof ru = {
  payer: "Payer",
  due: "Due",
  left: "Left to pay",
  preview: "No number yet",
  states: ["", "Draft", "Held", "Issued", "Expired", "Cancelled"],
  payments: ["", "Unpaid", "Partly paid", "Paid", "Refunded"],
  overdue: "Overdue",
  held: "The client does not see this invoice and has got no letters.",
  issue: "Issue",
  issueTitle: "Issue the invoice?",
  issueText: "It gets a number, and a letter goes to the client. That cannot be taken back.",
  pdf: "Open the PDF",
  text: "What",
  period: "Period",
  quantity: "Quantity",
  tax: "VAT",
  why: "Why this much?",
  searchInvoice: "Invoice number",
  found: (count) => plural("en", count, { one: "invoice", other: "invoices" }),
};

export const useInvoiceTexts = textsOf(ru, en);
