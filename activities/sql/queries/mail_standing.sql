-- How many mails are in each state: those that ended, of the last thirty days.
SELECT w.state, count(*) AS mails FROM closeout.mails AS w
WHERE w.tenant = $1 AND (w.state = 'pending' OR w.entered_at > clock_timestamp() - interval '30 days')
GROUP BY w.state
