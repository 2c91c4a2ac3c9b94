// Texts in both languages. A missing one does not compile: English has the shape of Russian.
// Here are those of the whole console; a screen's own stand in `texts.ts` beside it.
import { createContext, useContext } from "react";

/** `5 счетов`: a count and its word in the form that the language asks for (G20). */
export const plural = (language: string, count: number, forms: Record<string, string>) =>
  `${new Intl.NumberFormat(language).format(count)} ${forms[new Intl.PluralRules(language).select(count)] ?? forms.other}`;

/** Services count no further. */
const CAP = 10_000;
/** The same for what a service has counted: `больше 10 000 счетов`. */
export const counted = (language: string, count: number, forms: Record<string, string>) =>
  count <= CAP
    ? plural(language, count, forms)
    : `${language === "ru" ? "больше" : "more than"} ${plural(language, CAP, forms)}`;

export const ru = {
  language: "ru",
  login: "Войти",
  loginTitle: "Вход для сотрудников",
  email: "Электронная почта",
  password: "Пароль",
  mustChange: "Это одноразовый пароль. Задайте постоянный: не короче 10 знаков.",
  newPassword: "Новый пароль",
  customer: "Этот вход — для сотрудников.",
  logout: "Выйти",
  home: "Сегодня",
  invoices: "Счета",
  clients: "Клиенты",
  services: "Услуги",
  orders: "Заказы",
  billing: "Биллинг",
  reconciliation: "Платежи",
  tickets: "Обращения",
  theme: "Сменить тему",
  notes: "Мои заметки",
  skip: "К содержанию",
  find: "Найти",
  places: "Разделы",
  number: "Номер",
  state: "Состояние",
  total: "Сумма",
  next: "Следующая страница",
  first: "К началу",
  all: "Все",
  cancel: "Отмена",
  offline: "Нет связи с сервером. Проверьте сеть и повторите.",
  retry: "Повторить",
  failed: "Не получилось",
  loading: "Загружается",
  empty: "Здесь пока ничего нет",
  notFound: "Ничего не найдено. Измените или сбросьте условия.",
  reset: "Сбросить",
  close: "Закрыть",
  save: "Сохранить",
  edit: "Изменить",
  add: "Добавить",
  remove: "Удалить",
  stale: "Закройте окно: в нём откроются новые значения.",
  pieces: "шт.",
  usedOf: (used: string, maximum: string) => `${used} из ${maximum}`,
  usedNear: (left: string) => `Почти всё: осталось ${left}.`,
  usedUp: "Лимит тарифа исчерпан.",
  readOn: (date: string) => `по данным за ${date}`,
  notRead: "данных ещё нет",
};

export type Dictionary = typeof ru;

const en: Dictionary = {
  language: "en",
  login: "Log in",
  loginTitle: "Staff login",
  email: "E-mail",
  password: "Password",
  mustChange: "This password works once. Set a lasting one of 10 characters or more.",
  newPassword: "New password",
  customer: "This login is for staff.",
  logout: "Log out",
  home: "Today",
  invoices: "Invoices",
  clients: "Clients",
  services: "Services",
  orders: "Orders",
  billing: "Billing",
  reconciliation: "Payments",
  tickets: "Tickets",
  theme: "Switch theme",
  notes: "My notes",
  skip: "Skip to content",
  find: "Find",
  places: "Sections",
  number: "Number",
  state: "State",
  total: "Total",
  next: "Next page",
  first: "First page",
  all: "All",
  cancel: "Cancel",
  offline: "The server cannot be reached. Check the network and try again.",
  retry: "Try again",
  failed: "That did not work",
  loading: "Loading",
  empty: "Nothing is here yet",
  notFound: "Nothing was found. Change or reset the conditions.",
  reset: "Reset",
  close: "Close",
  save: "Save",
  edit: "Edit",
  add: "Add",
  remove: "Delete",
  stale: "Close the window: it will open with the new values.",
  pieces: "pcs",
  usedOf: (used, maximum) => `${used} of ${maximum}`,
  usedNear: (left) => `Nearly all: ${left} left.`,
  usedUp: "The tariff's limit is used up.",
  readOn: (date) => `as of ${date}`,
  notRead: "nothing counted yet",
};

export const dictionaries: Record<string, Dictionary> = { ru, en };
export const Texts = createContext<Dictionary>(ru);
export const useTexts = () => useContext(Texts);
/** The texts of some screens, in the language of the page. */
export const textsOf =
  <Own>(ru: Own, en: NoInfer<Own>) =>
  (): Own =>
    useTexts().language === "ru" ? ru : en;
/** What this browser chose, or asks for. */
export const language = (): string =>
  localStorage.getItem("language") ?? (navigator.language.startsWith("ru") ? "ru" : "en");
