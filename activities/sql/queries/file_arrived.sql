-- An upload has ended, well or not.
DELETE FROM closeout.evidence_arrivals WHERE tenant = $1 AND id = $2
