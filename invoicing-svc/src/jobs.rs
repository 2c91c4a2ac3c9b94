//! What runs without being called: followers of other services' feeds, queues and schedules.

pub mod billing_run;
pub mod clients_follower;
pub mod late_fees;
pub mod month_close;
pub mod overdue_notices;
pub mod payments_follower;
pub mod runs;
