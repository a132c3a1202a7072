-- Whether a source reported a case.
SELECT EXISTS (SELECT FROM closeout.source_refs WHERE tenant = $1 AND stream = $2 AND source = $3)
