//! Types and rules of tickets and mail: pure, no I/O, no async, no clock.

pub mod calendar_events;
pub mod calendars;
pub mod clocks;
pub mod intake;
pub mod letters;
pub mod lines;
pub mod mailboxes;
pub mod messages;
pub mod msgids;
pub mod notepads;
pub mod outbound_letters;
pub mod profiles;
pub mod reply_addresses;
pub mod step_up;
pub mod tasks;
pub mod templates;
pub mod threading;
pub mod tickets;
pub mod trust;
pub mod walls;
pub mod work_orders;
pub mod working_hours;
