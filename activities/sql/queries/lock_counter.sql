-- Holds a series of numbers until the transaction ends, so that a refusal leaves no gap; answers the last number taken.
INSERT INTO closeout.counters AS c (tenant, series, last) VALUES ($1, $2, 0)
ON CONFLICT (tenant, series) DO UPDATE SET last = c.last
RETURNING last
