-- Has somebody begin with no filter; where one is named, if it is theirs.
UPDATE closeout.saved_filters AS f SET starts = false
WHERE f.tenant = $1 AND f.person = $2 AND f.starts AND (
    $3::text IS NULL
    OR EXISTS (SELECT FROM closeout.saved_filters AS s WHERE s.tenant = $1 AND s.person = $2 AND s.id = $3)
)
