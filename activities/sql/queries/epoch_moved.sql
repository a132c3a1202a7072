-- Begins a new epoch if this database came out of a backup or a promotion since the last one; answers it, else nothing.
SELECT closeout.raise_epoch() AS epoch
FROM pg_control_system() AS s, pg_control_checkpoint() AS c, closeout.ledger_epoch AS e
WHERE e.epoch = closeout.current_epoch() AND (e.cluster, e.timeline) <> (s.system_identifier::text, c.timeline_id)
