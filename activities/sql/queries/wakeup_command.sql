-- The command id under which the wake-up for an instant was last recorded.
SELECT command_id FROM closeout.events
WHERE tenant = $1 AND stream = $2 AND command_id LIKE 'w:%:' || $3 ORDER BY seq DESC LIMIT 1
