// Texts of the screens about orders.
import { counted, plural, textsOf } from "../../shared/dictionary";

export const ru = {
  title: "Заказы",
  quotes: "Предложения",
  found: (count: number) => counted("ru", count, { one: "заказ", few: "заказа", many: "заказов", other: "заказа" }),
  states: ["", "Ждёт вас", "Принят", "Работает", "Отменён"],
  client: "Клиент",
  made: "Создан",
  lines: (count: number) => plural("ru", count, { one: "строка", few: "строки", many: "строк", other: "строки" }),
  what: "Что",
  accept: "Принять",
  acceptTitle: "Принять заказ?",
  acceptText: "Появятся услуги и счета на проверке. Клиент увидит их, только когда вы выпустите счёт.",
  cancel: "Отменить",
  cancelTitle: "Отменить заказ?",
  cancelText: "Заказ останется в списке отменённым.",
  reason: "Причина",
};

export const en: typeof ru = {
  title: "Orders",
  quotes: "Quotes",
  found: (count) => counted("en", count, { one: "order", other: "orders" }),
  states: ["", "Waits for you", "Accepted", "Runs", "Cancelled"],
  client: "Client",
  made: "Made",
  lines: (count) => plural("en", count, { one: "line", other: "lines" }),
  what: "What",
  accept: "Accept",
  acceptTitle: "Accept the order?",
  acceptText: "Services and held invoices appear. The client sees them only when you issue the invoice.",
  cancel: "Cancel",
  cancelTitle: "Cancel the order?",
  cancelText: "It stays in the list as cancelled.",
  reason: "Reason",
};

export const useOrderTexts = textsOf(ru, en);
