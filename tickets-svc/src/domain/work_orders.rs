//! Work for a technician: what was and what shall be (A188, A189, G32).

/// A change of a resource that somebody must carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// What the resource is called, such as «дисковое пространство».
    pub resource: String,
    /// Units before.
    pub before: i32,
    /// Units after.
    pub after: i32,
}

/// Department that carries work orders out.
pub const DEPARTMENT: &str = "technicians";

impl WorkOrder {
    /// The subject is the resource.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.resource
    }

    /// The body is `Δ before-after`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("Δ {}-{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G32.
    #[test]
    fn five_becomes_ten() {
        let order = WorkOrder {
            resource: "дисковое пространство".into(), before: 5, after: 10
        };
        assert_eq!((order.subject(), order.text().as_str()), ("дисковое пространство", "Δ 5-10"));
    }
}
