-- Both rows are made from the event itself, and events can neither change nor go: there is nothing
-- to check, and each check would write the event's row once more, to lock it.
alter table feed_pending drop constraint feed_pending_event_id_fkey;
alter table feed_positions drop constraint feed_positions_event_id_fkey;
