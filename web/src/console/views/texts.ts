// Texts of saved views.
import { textsOf } from "../../shared/dictionary";

export const ru = {
  views: "Мои виды",
  keep: "Сохранить вид",
  keepTitle: "Сохранить этот вид",
  keepText: "Условия этого списка останутся под вашим названием: здесь и в поиске (Ctrl K). Видите его только вы.",
  title: "Название",
  forget: (title: string) => `Удалить вид «${title}»`,
};

export const en: typeof ru = {
  views: "My views",
  keep: "Keep this view",
  keepTitle: "Keep this view",
  keepText: "The conditions of this list stay under your title: here and in the search (Ctrl K). Only you see it.",
  title: "Title",
  forget: (title) => `Delete the view “${title}”`,
};

export const useViewTexts = textsOf(ru, en);
