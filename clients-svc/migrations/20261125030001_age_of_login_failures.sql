-- Failures that count no more are removed by age, whatever login they were of.
create index login_failures_age on login_failures (failed_at);
