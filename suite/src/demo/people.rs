//! Who there is in the demo: sixty clients of five kinds, invented one by one.

use proto::clients::v1::client::Kind;
use types::invented::Company;

/// What a client mostly buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Remote desktops: users, licences, disk.
    Hosting,
    /// Machines by the month, paid afterwards.
    Rental,
    /// Lines and numbers.
    Telecom,
    /// The shop tariff with its quantities.
    Shop,
    /// Works, now and then.
    Once,
}

/// How a client pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// What is asked for, in time.
    Exact,
    /// What is asked for, after the due date.
    Late,
    /// In two parts now and then.
    Halves,
    /// Rounded up, now and then: the rest is credit.
    Over,
    /// Without the number of the invoice, now and then: a person must look.
    Wordless,
    /// Not any more.
    Debtor,
    /// By another company, now and then.
    Friend,
}

/// A client to be.
#[derive(Debug, Clone)]
pub struct Person {
    /// Place in the list, from 0.
    pub n: usize,
    /// What it buys.
    pub line: Line,
    /// How it pays.
    pub habit: Habit,
    /// Kind of client.
    pub kind: Kind,
    /// Company as printed; empty for an individual.
    pub title: String,
    /// Name before the dot of its domain.
    pub slug: &'static str,
    /// First name of the main person.
    pub given: &'static str,
    /// Last name of the main person.
    pub family: &'static str,
    /// Requisites.
    pub company: Company,
}

impl Person {
    /// Address of the main person.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@{}.example", if self.company.kpp.is_empty() { "ya" } else { "info" }, self.slug)
    }

    /// Address of the accountant.
    #[must_use]
    pub fn accountant(&self) -> String {
        format!("buh@{}.example", self.slug)
    }
}

/// Number of the first client's requisites; the sellers and strangers have lower ones.
const FIRST: u32 = 7_500;

/// Everybody, in the order in which they come.
#[must_use]
pub fn everybody() -> Vec<Person> {
    let of = |(n, row): (usize, &[&'static str; 4])| {
        let [title, slug, given, family] = *row;
        let number = FIRST + u32::try_from(n).unwrap_or_default();
        let (title, kind, company) = match title.split_once(' ') {
            Some(("ИП", _)) => (title, Kind::SoleTrader, Company::sole_trader(number)),
            Some(("ФЛ", name)) => (name, Kind::Individual, Company::individual(number)),
            _ => (title, Kind::Company, Company::number(number)),
        };
        let company = Company { name: title.to_owned(), ..company };
        let title = if kind == Kind::Individual { String::new() } else { title.to_owned() };
        Person { n, line: line(n), habit: habit(n), kind, title, slug, given, family, company }
    };
    PEOPLE.iter().enumerate().map(of).collect()
}

/// Of every five clients two are of hosting; the last ones of the list buy once.
fn line(n: usize) -> Line {
    match n {
        54.. => Line::Once,
        _ => match n % 9 {
            0 | 2 | 4 | 6 => Line::Hosting,
            1 | 5 => Line::Rental,
            3 | 7 => Line::Telecom,
            _ => Line::Shop,
        },
    }
}

fn habit(n: usize) -> Habit {
    match n {
        4 | 23 => Habit::Debtor,
        7 | 17 | 30 | 41 => Habit::Over,
        9 | 26 | 37 => Habit::Wordless,
        12 | 20 | 33 | 48 => Habit::Late,
        14 | 29 | 44 => Habit::Halves,
        16 | 39 => Habit::Friend,
        _ => Habit::Exact,
    }
}

/// Title, domain, first and last name. ИП and ФЛ stand for sole traders and individuals.
const PEOPLE: [[&str; 4]; 60] = [
    ["ООО «Тихий берег»", "tihiy-bereg", "Вера", "Заозёрная"],
    ["ООО «Стройдвор Северный»", "stroydvor-sever", "Павел", "Кирпичников"],
    ["ООО «Аптека у фонтана»", "apteka-fontan", "Инна", "Лекарева"],
    ["ООО «Голос города»", "golos-goroda", "Роман", "Звонарёв"],
    ["ООО «Пекарня Колосок-Плюс»", "kolosok-plus", "Лидия", "Хлебникова"],
    ["ООО «Горизонт Карго»", "gorizont-cargo", "Олег", "Дорожкин"],
    ["ООО «Бухгалтерия под ключ»", "buh-kluch", "Нина", "Балансова"],
    ["ООО «Такси Верста»", "taxi-versta", "Глеб", "Ямщиков"],
    ["ООО «Лавка мастера»", "lavka-mastera", "Юлия", "Самоделова"],
    ["ООО «Отель Белая ель»", "belaya-el", "Софья", "Гостева"],
    ["ООО «Карьер Каменка»", "karier-kamenka", "Степан", "Гранитов"],
    ["ООО «Клиника Доброе утро»", "dobroe-utro", "Марина", "Здоровцева"],
    ["ООО «Колл-центр Отклик»", "otklik-call", "Артём", "Отзывов"],
    ["ИП Ниткина А. С.", "atelie-nitka", "Алла", "Ниткина"],
    ["ООО «Сервисный парк»", "servis-park", "Виктор", "Гайкин"],
    ["ООО «Юридическое бюро Параграф»", "paragraf-buro", "Елена", "Статьина"],
    ["ООО «Окна Панорама Юг»", "panorama-yug", "Денис", "Стеклов"],
    ["ООО «Игрушки Кубарик»", "kubarik", "Ольга", "Кубикова"],
    ["ООО «Агрохолдинг Нива-9»", "niva-9", "Фёдор", "Полевой"],
    ["ООО «Типография Кегль»", "kegl-print", "Пётр", "Наборщиков"],
    ["ООО «Стоматология Жемчуг-М»", "zhemchug-m", "Анна", "Зубкова"],
    ["ООО «Диспетчерская 24»", "disp24", "Игорь", "Вызовов"],
    ["ООО «Проектная мастерская Эскиз»", "eskiz-pm", "Дарья", "Чертёжная"],
    ["ООО «Склад на Речной»", "sklad-rechnaya", "Борис", "Полкин"],
    ["ООО «Школа языков Диалог-Л»", "dialog-l", "Кира", "Словарёва"],
    ["ООО «Радуга Связь Сервис»", "raduga-svyaz", "Тимур", "Проводов"],
    ["ИП Чаёв Е. В.", "chay-u-evgeniya", "Евгений", "Чаёв"],
    ["ООО «Автосалон Третий ход»", "tretiy-hod", "Максим", "Рулёв"],
    ["ООО «Кровля и фасад»", "krovlya-fasad", "Антон", "Черепицын"],
    ["ООО «Турбюро Компас-Н»", "kompas-n", "Лариса", "Странникова"],
    ["ООО «Такелаж Центр»", "takelazh-center", "Захар", "Тросов"],
    ["ООО «Молочный двор»", "molochny-dvor", "Зоя", "Сливкина"],
    ["ООО «Аналитика и право»", "analitika-pravo", "Ирина", "Выводова"],
    ["ООО «Справочная Города Н»", "spravka-n", "Яна", "Ответова"],
    ["ООО «Химчистка Облако-2»", "oblako-2", "Галина", "Чистова"],
    ["ООО «Зоомагазин Хвостик»", "hvostik-zoo", "Мария", "Лапина"],
    ["ООО «Фитнес Ритм-Про»", "ritm-pro", "Никита", "Гантелин"],
    ["ООО «Бурение Глубина»", "glubina-bur", "Руслан", "Скважин"],
    ["ООО «Мебель Берёзовая роща»", "bereza-mebel", "Светлана", "Комодова"],
    ["ООО «Служба доставки Миг»", "mig-dostavka", "Кирилл", "Быстров"],
    ["ООО «Металлобаза Швеллер»", "shveller", "Григорий", "Стальнов"],
    ["ООО «Кабельные линии»", "kabel-lines", "Леонид", "Витой"],
    ["ООО «Ресторан Старый маяк»", "stary-mayak", "Эмма", "Поварова"],
    ["ООО «Теплосеть Посёлок»", "teplo-poselok", "Валерий", "Котельников"],
    ["ООО «Книжный подвал»", "knizhny-podval", "Таисия", "Страницына"],
    ["ООО «Консалтинг Ось»", "os-consult", "Георгий", "Советов"],
    ["ООО «Вагонное депо 12»", "depo-12", "Семён", "Рельсов"],
    ["ООО «Детский клуб Компот»", "kompot-club", "Полина", "Кружкова"],
    ["ООО «Охрана Редут-Север»", "redut-sever", "Вадим", "Постов"],
    ["ООО «Цветы Полдень»", "cvety-polden", "Роза", "Букетова"],
    ["ООО «Экспертиза Грань»", "gran-expert", "Лев", "Оценкин"],
    ["ООО «Логистика Парус-М»", "parus-m", "Ярослав", "Грузов"],
    ["ООО «Клининг Чистый лист»", "chisty-list", "Эльвира", "Блёскина"],
    ["ИП Сыров Д. Д.", "syr-derevnya", "Даниил", "Сыров"],
    ["ООО «Ремонт весов»", "remont-vesov", "Эдуард", "Гирин"],
    ["ИП Ключникова О. И.", "kluchi-ryadom", "Оксана", "Ключникова"],
    ["ФЛ Примерова Полина Павловна", "primerova", "Полина", "Примерова"],
    ["ООО «Архив района»", "arhiv-rayona", "Майя", "Папкина"],
    ["ФЛ Образцов Олег Олегович", "obraztsov", "Олег", "Образцов"],
    ["ООО «Музей часов»", "muzey-chasov", "Виталий", "Стрелкин"],
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use types::EmailAddress;

    #[test]
    fn there_are_sixty_of_five_kinds_and_nobody_twice() {
        let all = everybody();
        for line in [Line::Hosting, Line::Rental, Line::Telecom, Line::Shop, Line::Once] {
            let count = all.iter().filter(|person| person.line == line).count();
            assert!(count >= 6, "{count} of {line:?}");
        }
        let slugs: BTreeSet<_> = all.iter().map(|person| person.slug).collect();
        let accounts: BTreeSet<_> = all.iter().map(|person| &person.company.account).collect();
        assert_eq!((all.len(), slugs.len(), accounts.len()), (60, 60, 60));
        for person in all {
            EmailAddress::parse(&person.email()).unwrap();
            assert!(person.email().is_ascii(), "{}", person.slug);
        }
    }
}
