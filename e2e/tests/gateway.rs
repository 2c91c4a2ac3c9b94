//! The only public door: who may pass, what is handed on, and what is not there at all.

mod browsers;
mod cabinet;
mod callers;
mod contracts;
mod files;
mod names;
mod parked;
mod pay;
mod screens;
