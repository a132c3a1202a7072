-- A document's bytes, and what they were sent as.
SELECT bytes, media_type FROM closeout.documents WHERE tenant = $1 AND sha256 = $2
