//! The `raschet` program as its users run it.

mod commands;
mod program;
mod up;
