//! Russian forms after a number (G20): 1 тикет, 2 тикета, 5 тикетов.

/// The forms of a noun, or of a whole phrase, after a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forms {
    /// After 1, 21, 101: «тикет».
    pub one: &'static str,
    /// After 2–4, 22–24: «тикета».
    pub few: &'static str,
    /// After 0, 5–20, 25: «тикетов».
    pub many: &'static str,
}

impl Forms {
    /// The three forms.
    #[must_use]
    pub const fn new(one: &'static str, few: &'static str, many: &'static str) -> Self {
        Self { one, few, many }
    }

    /// The form after a count.
    #[must_use]
    pub const fn of(self, count: u64) -> &'static str {
        match (count % 100, count % 10) {
            (11..=14, _) => self.many,
            (_, 1) => self.one,
            (_, 2..=4) => self.few,
            _ => self.many,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G20: every vector of the table.
    #[test]
    fn forms_follow_the_number() {
        let await_reply =
            Forms::new("тикет ожидает ответа", "тикета ожидают ответа", "тикетов ожидают ответа");
        assert_eq!(await_reply.of(264), "тикета ожидают ответа");
        assert_eq!(await_reply.of(1), "тикет ожидает ответа");
        assert_eq!(await_reply.of(277), "тикетов ожидают ответа");
        let orders = Forms::new("ожидающий заказ", "ожидающих заказа", "ожидающих заказов");
        assert_eq!(orders.of(3098), "ожидающих заказов");
    }

    #[test]
    fn teens_take_the_last_form() {
        let days = Forms::new("день", "дня", "дней");
        for count in [0, 5, 11, 12, 13, 14, 20, 111, 212, 1_000_014] {
            assert_eq!(days.of(count), "дней", "{count}");
        }
        for count in [2, 3, 4, 22, 104] {
            assert_eq!(days.of(count), "дня", "{count}");
        }
        for count in [1, 21, 101, 1001] {
            assert_eq!(days.of(count), "день", "{count}");
        }
    }
}
