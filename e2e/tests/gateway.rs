//! The only public door: who may pass, what is handed on, and what is not there at all.

mod gateway {
    mod browsers;
    mod callers;
    mod contracts;
}
