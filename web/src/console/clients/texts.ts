// Texts of the screens about clients.
import { plural, textsOf } from "../../shared/dictionary";

export const ru = {
  search: "Номер, имя, компания, почта или ИНН",
  person: "Контакт",
  company: "Клиент",
  phone: "Телефон",
  found: (count: number) =>
    plural("ru", count, { one: "клиент", few: "клиента", many: "клиентов", other: "клиента" }),
};

export const en: typeof ru = {
  search: "Number, name, company, e-mail or tax id",
  person: "Contact",
  company: "Client",
  phone: "Phone",
  found: (count) => plural("en", count, { one: "client", other: "clients" }),
};

export const useClientTexts = textsOf(ru, en);
