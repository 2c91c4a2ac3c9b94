//! A private PostgreSQL on this machine: life, crashes of either side, and clear refusals.

mod crash;
mod life;
mod temp;
