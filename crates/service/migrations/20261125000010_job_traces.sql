-- A job goes on with the trace of whoever asked for it (W3C traceparent).
alter table jobs add column trace text not null default '';
