-- The colleague who looks after a client (A93).
alter table clients add column manager_id uuid references staff;
