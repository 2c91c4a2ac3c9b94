// Texts of the list of all services.
import { counted, textsOf } from "../../shared/dictionary";

export const ru = {
  title: "Услуги",
  found: (count: number) => counted("ru", count, { one: "услуга", few: "услуги", many: "услуг", other: "услуги" }),
  client: "Клиент",
  renewal: "Продлеваются в день",
  renewsOn: (date: string) => `Продлеваются ${date}`,
};

export const en: typeof ru = {
  title: "Services",
  found: (count) => counted("en", count, { one: "service", other: "services" }),
  client: "Client",
  renewal: "Renew on",
  renewsOn: (date) => `Renew on ${date}`,
};

export const useSubscriptionTexts = textsOf(ru, en);
