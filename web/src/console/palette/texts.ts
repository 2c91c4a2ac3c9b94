// Texts of the search over everything, and of the list of keys.
import { textsOf } from "../../shared/dictionary";

export const ru = {
  title: "Найти",
  placeholder: "Клиент, ИНН, почта, номер счёта или обращения",
  hint: "Начните вводить: имя, компания, ИНН, почта, номер.",
  nothing: "Ничего не найдено",
  pages: "Разделы",
  clients: "Клиенты",
  invoices: "Счета",
  tickets: "Обращения",
  places: { "/": "Сегодня", "/clients": "Клиенты", "/services": "Услуги", "/tasks": "Дела", "/notes": "Мои заметки", "/orders": "Заказы", "/quotes": "Предложения", "/quotes/new": "Новое предложение", "/invoices": "Счета", "/tickets": "Обращения", "/reconciliation": "Сверка с банком", "/billing": "Биллинг" } as Record<string, string>,
  everywhere: "Везде",
  keys: "Клавиши",
  then: "затем",
  go: "Перейти:",
  find: "Найти что угодно",
  search: "К поиску на странице",
  help: "Этот список",
  escape: "Закрыть окно",
  single: "Одиночные клавиши включены",
  up: "↑ ↓ — выбрать, Enter — открыть",
};

export const en: typeof ru = {
  title: "Find",
  placeholder: "Client, tax id, e-mail, number of an invoice or ticket",
  hint: "Begin to type: a name, company, tax id, e-mail or number.",
  nothing: "Nothing was found",
  pages: "Sections",
  clients: "Clients",
  invoices: "Invoices",
  tickets: "Tickets",
  places: { "/": "Today", "/clients": "Clients", "/services": "Services", "/tasks": "To do", "/notes": "My notes", "/orders": "Orders", "/quotes": "Quotes", "/quotes/new": "New quote", "/invoices": "Invoices", "/tickets": "Tickets", "/reconciliation": "Bank reconciliation", "/billing": "Billing" },
  everywhere: "Everywhere",
  keys: "Keys",
  then: "then",
  go: "Go to:",
  find: "Find anything",
  search: "To the search of the page",
  help: "This list",
  escape: "Close a window",
  single: "Single keys are on",
  up: "↑ ↓ choose, Enter opens",
};

export const usePaletteTexts = textsOf(ru, en);
