-- Something small that only a migrated database can answer.
SELECT closeout.current_epoch()
