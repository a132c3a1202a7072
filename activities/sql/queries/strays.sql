-- Names that something points to without a stream's row: of events, of references, of numbers.
SELECT e.stream, min(e.seq) AS seq, 'events without a stream row' AS what FROM closeout.events AS e
WHERE e.tenant = $1
    AND NOT EXISTS (SELECT FROM closeout.streams AS s WHERE s.tenant = e.tenant AND s.stream = e.stream)
GROUP BY e.stream
UNION ALL
SELECT r.stream, 0, 'a source reference points to no stream' FROM closeout.source_refs AS r
WHERE r.tenant = $1
    AND NOT EXISTS (SELECT FROM closeout.streams AS s WHERE s.tenant = r.tenant AND s.stream = r.stream)
UNION ALL
SELECT n.stream, 0, 'number ' || n.number || ' of ' || n.series || ' belongs to no stream' FROM closeout.numbers AS n
WHERE n.tenant = $1
    AND NOT EXISTS (SELECT FROM closeout.streams AS s WHERE s.tenant = n.tenant AND s.stream = n.stream)
UNION ALL
SELECT '', 0, 'series ' || c.series || ' counts to ' || c.last || ' and holds ' || count(n.number) || ' numbers'
FROM closeout.counters AS c
LEFT JOIN closeout.numbers AS n ON n.tenant = c.tenant AND n.series = c.series AND n.number <= c.last
WHERE c.tenant = $1
GROUP BY c.series, c.last HAVING count(n.number) <> c.last
UNION ALL
SELECT n.stream, 0, 'number ' || n.number || ' of ' || n.series || ' was never counted' FROM closeout.numbers AS n
WHERE n.tenant = $1 AND NOT EXISTS (
    SELECT FROM closeout.counters AS c WHERE c.tenant = n.tenant AND c.series = n.series AND c.last >= n.number
)
UNION ALL
SELECT 'nonconformity/' || m.id, 0, 'a list shows a stream that is not there' FROM closeout.nonconformities AS m
WHERE m.tenant = $1
    AND NOT EXISTS (SELECT FROM closeout.streams AS s WHERE s.tenant = m.tenant AND s.stream = 'nonconformity/' || m.id)
UNION ALL
SELECT 'committee_review/' || m.id, m.seq, 'a list shows a stream that is not there' FROM closeout.committee_reviews AS m
WHERE m.tenant = $1
    AND NOT EXISTS (SELECT FROM closeout.streams AS s WHERE s.tenant = m.tenant AND s.stream = 'committee_review/' || m.id)
UNION ALL
SELECT 'client/' || m.key, m.seq, 'a list shows a stream that is not there' FROM closeout.clients AS m
WHERE m.tenant = $1
    AND NOT EXISTS (SELECT FROM closeout.streams AS s WHERE s.tenant = m.tenant AND s.stream = 'client/' || m.key)
UNION ALL
SELECT m.kind || '/' || m.id, m.seq, 'a list shows a stream that is not there' FROM closeout.entries AS m
WHERE m.tenant = $1
    AND NOT EXISTS (
        SELECT FROM closeout.streams AS s WHERE s.tenant = m.tenant AND s.stream = m.kind || '/' || m.id
    )
ORDER BY 1, 2
